#include "bridge.h"

int mscp_opus_configure(OpusMSEncoder *e, int complexity, int fec, int dtx, int loss_percent,
                        int max_bandwidth) {
  int result = opus_multistream_encoder_ctl(e, OPUS_SET_COMPLEXITY(complexity));
  if (result == OPUS_OK) result = opus_multistream_encoder_ctl(e, OPUS_SET_VBR(1));
  if (result == OPUS_OK) result = opus_multistream_encoder_ctl(e, OPUS_SET_INBAND_FEC(fec));
  if (result == OPUS_OK) result = opus_multistream_encoder_ctl(e, OPUS_SET_DTX(dtx));
  if (result == OPUS_OK) {
    result = opus_multistream_encoder_ctl(e, OPUS_SET_PACKET_LOSS_PERC(loss_percent));
  }
  if (result == OPUS_OK) {
    result = opus_multistream_encoder_ctl(e, OPUS_SET_MAX_BANDWIDTH(max_bandwidth));
  }
  return result;
}

int mscp_opus_set_bitrate(OpusMSEncoder *e, int bitrate) {
  return opus_multistream_encoder_ctl(e, OPUS_SET_BITRATE(bitrate));
}
