#pragma once
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace footlight::fmp4 {

// AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1) of one SPS and one PPS, given as NAL units without start
// codes, 8-bit 4:2:0. Empty when the SPS is too short to name its profile or a set is longer than 65535 bytes.
[[nodiscard]] std::vector<uint8_t> build_avc_config(ByteView sps, ByteView pps);

// The same from an access unit or encoder extradata in Annex B that holds both; empty when one is missing.
[[nodiscard]] std::vector<uint8_t> build_avc_config_from_annex_b(ByteView annex_b);

// Appends the NAL units of one Annex B access unit to `out`, each behind its length in four bytes. Parameter sets and
// access unit delimiters are left out: avc1 keeps them in the sample entry (ISO/IEC 14496-15 §5.4.2.1).
// Returns the number of bytes appended; 0 when nothing but those was there.
size_t append_length_prefixed(ByteView annex_b, std::vector<uint8_t>& out);

}  // namespace footlight::fmp4
