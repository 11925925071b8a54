#pragma once
#include <string_view>

namespace footlight::sdp {

// RFC 8839 §5.4: ufrag of 4 to 256 and pwd of 22 to 256 letters, digits, "+" and "/".
[[nodiscard]] bool are_ice_credentials(std::string_view ufrag, std::string_view pwd);

}  // namespace footlight::sdp
