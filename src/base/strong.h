#pragma once
#include <compare>
#include <cstddef>
#include <functional>

namespace footlight {

// A number that only converts on purpose: Strong<struct SsrcTag, uint32_t>. Explicit in, .value() out.
template <class Tag, class T>
class Strong {
 public:
  using Value = T;
  constexpr Strong() = default;
  constexpr explicit Strong(T value) : value_(value) {}
  [[nodiscard]] constexpr T value() const { return value_; }
  friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

 private:
  T value_{};
};

}  // namespace footlight

template <class Tag, class T>
struct std::hash<footlight::Strong<Tag, T>> {
  size_t operator()(const footlight::Strong<Tag, T>& s) const noexcept { return std::hash<T>{}(s.value()); }
};
