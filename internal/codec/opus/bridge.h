#ifndef MSCP_OPUS_BRIDGE_H
#define MSCP_OPUS_BRIDGE_H

#include <opus.h>

// opus_encoder_ctl is variadic, which cgo cannot call.
int mscp_opus_configure(OpusEncoder *encoder, int complexity, int fec, int dtx, int loss_percent,
                        int max_bandwidth);
int mscp_opus_set_bitrate(OpusEncoder *encoder, int bitrate);

#endif
