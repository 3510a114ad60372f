// libsrtp 3's policies, which are made by calls, on libsrtp 2's, which are structs. Nothing may name libsrtp 2's
// srtp_policy_t after this.
#pragma once

#include <srtp2/srtp.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace srtp3
{
  struct Policy
  {
    srtp_policy_t policy{};
    // The master key, and the salt behind it.
    unsigned char key[SRTP_MAX_KEY_LEN]{};
  };
} // namespace srtp3

inline srtp_err_status_t srtp_policy_create(srtp3::Policy** policy)
{
  *policy = new srtp3::Policy();
  return srtp_err_status_ok;
}

inline void srtp_policy_destroy(srtp3::Policy* policy)
{
  delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp3::Policy* policy, srtp_ssrc_t ssrc)
{
  policy->policy.ssrc = ssrc;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp3::Policy* policy, srtp_profile_t profile)
{
  const srtp_err_status_t err =
    srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);
  if (err != srtp_err_status_ok)
  {
    return err;
  }
  return srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp3::Policy* policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
  if (mkiLen != 0 || keyLen + saltLen > sizeof(policy->key))
  {
    return srtp_err_status_bad_param;
  }
  std::memcpy(policy->key, key, keyLen);
  std::memcpy(policy->key + keyLen, salt, saltLen);
  policy->policy.key = policy->key;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp3::Policy* policy, bool allow)
{
  policy->policy.allow_repeat_tx = allow;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp3::Policy* policy, size_t size)
{
  policy->policy.window_size = size;
  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp3::Policy* policy)
{
  return srtp_create(session, &policy->policy);
}

#define srtp_policy_t srtp3::Policy*
