#ifndef MSCP_OPUS_BRIDGE_H
#define MSCP_OPUS_BRIDGE_H

#include <opus.h>
#include <opus_multistream.h>

// opus_multistream_encoder_ctl is variadic, which cgo cannot call.
int mscp_opus_configure(OpusMSEncoder *encoder, int complexity, int fec, int dtx, int loss_percent,
                        int max_bandwidth);
int mscp_opus_set_bitrate(OpusMSEncoder *encoder, int bitrate);

#endif
