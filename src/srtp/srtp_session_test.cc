#include "srtp/srtp_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "base/text_codec.h"

namespace footlight::srtp {
namespace {

constexpr Profile kProfiles[] = {Profile::kAes128CmHmacSha1, Profile::kAeadAes128Gcm, Profile::kAeadAes256Gcm};

MasterKey test_key(Profile profile) {
  std::vector<uint8_t> bytes(key_size(profile) + salt_size(profile));
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(7 * i + 1);
  return *MasterKey::from_joined(profile, bytes);
}

std::vector<uint8_t> rtp_packet(uint16_t seq, uint32_t ssrc, size_t payload) {
  std::vector<uint8_t> p(12 + payload, 0xab);
  ByteWriter w(p);
  w.u8(0x80);
  w.u8(96);
  w.u16(seq);
  w.u32(90000);
  w.u32(ssrc);
  return p;
}

std::vector<uint8_t> protected_packet(SrtpSender& sender, std::vector<uint8_t> packet) {
  size_t size = packet.size();
  packet.resize(size + kMaxRtpOverhead);
  auto done = sender.protect_rtp(packet, size);
  EXPECT_TRUE(done);
  packet.resize(done.value_or(0));
  return packet;
}

TEST(SrtpSession, what_one_side_protects_the_other_reads) {
  for (Profile profile : kProfiles) {
    SrtpSender sender(test_key(profile));
    SrtpReceiver receiver(test_key(profile));
    for (uint16_t seq = 0; seq < 50; ++seq) {
      auto plain = rtp_packet(seq, 0x1234, 3 * seq);
      auto packet = protected_packet(sender, plain);
      auto size = receiver.unprotect_rtp(packet);
      ASSERT_TRUE(size);
      packet.resize(*size);
      EXPECT_EQ(packet, plain);
    }
  }
}

TEST(SrtpSession, straight_into_the_slot_gives_the_same_bytes_as_in_place) {
  for (Profile profile : kProfiles) {
    SrtpSender in_place(test_key(profile));
    SrtpSender into_slot(test_key(profile));
    auto plain = rtp_packet(77, 5, 1100);
    std::vector<uint8_t> slot(1500);
    std::copy_n(plain.begin(), 12, slot.begin());
    auto size = into_slot.protect_rtp(slot, 12, ByteView(plain).subspan(12));
    ASSERT_TRUE(size);
    slot.resize(*size);
    EXPECT_EQ(slot, protected_packet(in_place, plain));
  }
}

TEST(SrtpSession, a_packet_comes_through_once) {
  for (Profile profile : kProfiles) {
    SrtpSender sender(test_key(profile));
    SrtpReceiver receiver(test_key(profile));
    auto packet = protected_packet(sender, rtp_packet(9, 1, 100));
    auto again = packet;
    EXPECT_TRUE(receiver.unprotect_rtp(packet));
    EXPECT_EQ(receiver.unprotect_rtp(again), unexpected(SrtpError::kReplayed));
  }
}

TEST(SrtpSession, any_flipped_bit_is_refused_and_moves_nothing) {
  for (Profile profile : kProfiles) {
    SrtpSender sender(test_key(profile));
    SrtpReceiver receiver(test_key(profile));
    auto packet = protected_packet(sender, rtp_packet(9, 1, 40));
    for (size_t bit = 0; bit < packet.size() * 8; ++bit) {
      auto forged = packet;
      forged[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
      EXPECT_FALSE(receiver.unprotect_rtp(forged)) << bit;
    }
    EXPECT_TRUE(receiver.unprotect_rtp(packet));
  }
}

TEST(SrtpSession, truncated_at_every_length_is_refused) {
  for (Profile profile : kProfiles) {
    SrtpSender sender(test_key(profile));
    SrtpReceiver receiver(test_key(profile));
    auto packet = protected_packet(sender, rtp_packet(9, 1, 40));
    auto report = std::vector<uint8_t>(60, 0x80);
    auto rtcp_size = sender.protect_rtcp(report, 40);
    ASSERT_TRUE(rtcp_size);
    report.resize(*rtcp_size);
    for (size_t size = 0; size < packet.size(); ++size) {
      std::vector<uint8_t> cut(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_FALSE(receiver.unprotect_rtp(cut)) << size;
    }
    for (size_t size = 0; size < report.size(); ++size) {
      std::vector<uint8_t> cut(report.begin(), report.begin() + static_cast<ptrdiff_t>(size));
      EXPECT_FALSE(receiver.unprotect_rtcp(cut)) << size;
    }
    EXPECT_TRUE(receiver.unprotect_rtcp(report));
  }
}

TEST(SrtpSession, an_index_is_never_protected_twice_unless_the_sender_resends_whole_packets) {
  SrtpSender careful(test_key(Profile::kAeadAes128Gcm));
  (void)protected_packet(careful, rtp_packet(5, 1, 10));
  auto again = rtp_packet(5, 1, 10);
  again.resize(again.size() + kMaxRtpOverhead);
  EXPECT_EQ(careful.protect_rtp(again, 22), unexpected(SrtpError::kReplayed));

  SrtpSender resending(test_key(Profile::kAeadAes128Gcm), Repeats::kIdenticalBytes);
  auto first = protected_packet(resending, rtp_packet(5, 1, 10));
  for (uint16_t seq = 6; seq < 1000; ++seq) (void)protected_packet(resending, rtp_packet(seq, 1, 10));
  EXPECT_EQ(protected_packet(resending, rtp_packet(5, 1, 10)), first);
}

TEST(SrtpSession, a_new_ssrc_starts_at_rollover_counter_zero_beside_one_that_has_wrapped) {
  SrtpSender sender(test_key(Profile::kAeadAes128Gcm));
  SrtpReceiver early(test_key(Profile::kAeadAes128Gcm));
  SrtpReceiver late(test_key(Profile::kAeadAes128Gcm));
  for (uint32_t i = 65000; i < 66000; ++i) {
    auto packet = protected_packet(sender, rtp_packet(static_cast<uint16_t>(i), 1, 10));
    ASSERT_TRUE(early.unprotect_rtp(packet)) << i;
  }
  auto packet = protected_packet(sender, rtp_packet(464, 2, 10));
  EXPECT_TRUE(late.unprotect_rtp(packet));
}

TEST(SrtpSession, streams_are_bounded_and_forged_ones_take_no_place) {
  SrtpSender sender(test_key(Profile::kAeadAes128Gcm));
  SrtpReceiver receiver(test_key(Profile::kAeadAes128Gcm), 4);
  for (uint32_t ssrc = 100; ssrc < 200; ++ssrc) {
    auto forged = rtp_packet(1, ssrc, 40);
    EXPECT_EQ(receiver.unprotect_rtp(forged), unexpected(SrtpError::kUnauthentic));
  }
  for (uint32_t ssrc = 0; ssrc < 4; ++ssrc) {
    auto packet = protected_packet(sender, rtp_packet(1, ssrc, 10));
    EXPECT_TRUE(receiver.unprotect_rtp(packet));
  }
  auto fifth = protected_packet(sender, rtp_packet(1, 4, 10));
  EXPECT_EQ(receiver.unprotect_rtp(fifth), unexpected(SrtpError::kTooManyStreams));
  auto known = protected_packet(sender, rtp_packet(2, 3, 10));
  EXPECT_TRUE(receiver.unprotect_rtp(known));
}

TEST(SrtpSession, a_pipe_whose_sources_reconnected_a_thousand_times_still_takes_the_next_one) {
  const MasterKey key = test_key(Profile::kAeadAes128Gcm);
  SrtpSender sender(key, Repeats::kIdenticalBytes, 8, WhenFull::kForgetOldest);
  SrtpReceiver receiver(key, 4, WhenFull::kForgetOldest);
  constexpr uint32_t kStays = 77;
  uint16_t seq = 0;
  for (uint32_t ssrc = 1000; ssrc < 2000; ++ssrc) {
    auto lasting = protected_packet(sender, rtp_packet(++seq, kStays, 10));
    ASSERT_TRUE(receiver.unprotect_rtp(lasting)) << ssrc;
    auto packet = protected_packet(sender, rtp_packet(1, ssrc, 10));
    auto again = packet;
    ASSERT_TRUE(receiver.unprotect_rtp(packet)) << ssrc;
    EXPECT_EQ(receiver.unprotect_rtp(again), unexpected(SrtpError::kReplayed));
  }
  auto lasting = protected_packet(sender, rtp_packet(1, kStays, 10));
  EXPECT_EQ(receiver.unprotect_rtp(lasting), unexpected(SrtpError::kTooOld)) << "what is in use is not forgotten";
}

TEST(SrtpSession, no_room_for_the_tag_is_an_error_and_uses_no_index) {
  SrtpSender sender(test_key(Profile::kAeadAes128Gcm));
  auto packet = rtp_packet(1, 1, 10);
  EXPECT_EQ(sender.protect_rtp(packet, packet.size()), unexpected(SrtpError::kTooShort));
  EXPECT_EQ(sender.protect_rtp(packet, packet.size() + 1), unexpected(SrtpError::kTooShort));
  EXPECT_FALSE(protected_packet(sender, packet).empty());
}

TEST(SrtpSession, headers_that_run_past_the_end_are_malformed) {
  SrtpSender sender(test_key(Profile::kAeadAes128Gcm));
  auto csrcs = rtp_packet(1, 1, 8);
  csrcs[0] = 0x8f;
  csrcs.resize(csrcs.size() + 16);
  EXPECT_EQ(sender.protect_rtp(csrcs, 20), unexpected(SrtpError::kMalformed));
  auto extension = rtp_packet(1, 1, 8);
  extension[0] = 0x90;  // X, and a length of 0xabab words
  extension.resize(extension.size() + 16);
  EXPECT_EQ(sender.protect_rtp(extension, 20), unexpected(SrtpError::kMalformed));
}

TEST(MasterKey, takes_only_the_profiles_own_sizes) {
  std::vector<uint8_t> bytes(46);
  EXPECT_TRUE(MasterKey::from_joined(Profile::kAeadAes128Gcm, ByteView(bytes).first(28)));
  EXPECT_TRUE(MasterKey::from_joined(Profile::kAes128CmHmacSha1, ByteView(bytes).first(30)));
  EXPECT_TRUE(MasterKey::from_joined(Profile::kAeadAes256Gcm, ByteView(bytes).first(44)));
  EXPECT_FALSE(MasterKey::from_joined(Profile::kAeadAes128Gcm, ByteView(bytes).first(27)));
  EXPECT_FALSE(MasterKey::from_joined(Profile::kAeadAes128Gcm, ByteView(bytes).first(30)));
}

}  // namespace
}  // namespace footlight::srtp
