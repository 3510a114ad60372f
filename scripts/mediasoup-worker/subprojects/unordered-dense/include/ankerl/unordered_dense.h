// What the worker uses of ankerl's unordered_dense, which Debian 12 lacks, on the standard library.
#pragma once

#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
  template<typename T>
  struct hash : std::hash<T>
  {
  };

  template<typename K, typename V, typename H = std::hash<K>, typename E = std::equal_to<K>>
  using map = std::unordered_map<K, V, H, E>;

  template<typename K, typename H = std::hash<K>, typename E = std::equal_to<K>>
  using set = std::unordered_set<K, H, E>;
} // namespace ankerl::unordered_dense
