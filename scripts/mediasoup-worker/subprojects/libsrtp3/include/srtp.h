// libsrtp 3's calls, which write into a buffer of their own, on libsrtp 2, which works in place.
#pragma once

#include <srtp2/srtp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

// Codes that libsrtp 2 never returns.
static constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
static constexpr auto srtp_err_status_cryptex_err = static_cast<srtp_err_status_t>(29);

namespace srtp3
{
  template<typename Call>
  inline srtp_err_status_t copyAndRun(
    Call call, srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t margin)
  {
    if (*outLen < inLen + margin)
    {
      return srtp_err_status_buffer_small;
    }
    if (in != out)
    {
      std::memmove(out, in, inLen);
    }
    int len = static_cast<int>(inLen);
    const srtp_err_status_t err = call(ctx, out, &len);
    *outLen = static_cast<size_t>(len);
    return err;
  }
} // namespace srtp3

inline srtp_err_status_t srtp_protect(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mki*/)
{
  return srtp3::copyAndRun(
    static_cast<srtp_err_status_t (*)(srtp_t, void*, int*)>(::srtp_protect),
    ctx, in, inLen, out, outLen, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t /*mki*/)
{
  return srtp3::copyAndRun(
    static_cast<srtp_err_status_t (*)(srtp_t, void*, int*)>(::srtp_protect_rtcp),
    ctx, in, inLen, out, outLen, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
  return srtp3::copyAndRun(
    static_cast<srtp_err_status_t (*)(srtp_t, void*, int*)>(::srtp_unprotect),
    ctx, in, inLen, out, outLen, 0);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t ctx, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen)
{
  return srtp3::copyAndRun(
    static_cast<srtp_err_status_t (*)(srtp_t, void*, int*)>(::srtp_unprotect_rtcp),
    ctx, in, inLen, out, outLen, 0);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t ctx, uint32_t ssrc)
{
  return srtp_remove_stream(ctx, ssrc);
}

#if __has_include("srtp-policies.h")
#include "srtp-policies.h"
#endif
