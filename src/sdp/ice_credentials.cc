#include "sdp/ice_credentials.h"

#include <algorithm>

namespace footlight::sdp {
namespace {

constexpr size_t kMinUfrag = 4;
constexpr size_t kMinPwd = 22;
constexpr size_t kMax = 256;

bool is_ice_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

}  // namespace

bool are_ice_credentials(std::string_view ufrag, std::string_view pwd) {
  return ufrag.size() >= kMinUfrag && ufrag.size() <= kMax && pwd.size() >= kMinPwd && pwd.size() <= kMax &&
         std::all_of(ufrag.begin(), ufrag.end(), is_ice_char) && std::all_of(pwd.begin(), pwd.end(), is_ice_char);
}

}  // namespace footlight::sdp
