// What most of the worker's sources include: compiled once, which saves a good part of the build.
#pragma once

#include "common.hpp"
#include "Logger.hpp"
#include "MediaSoupErrors.hpp"
#include "Utils.hpp"
#include "Channel/ChannelNotification.hpp"
#include "Channel/ChannelRequest.hpp"
#include "FBS/transport.h"
#include "RTC/RTP/Packet.hpp"
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>
// 3.19 and 3.27 keep their tables in these.
#if __has_include(<ankerl/unordered_dense.h>)
#include <ankerl/unordered_dense.h>
#else
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#endif
