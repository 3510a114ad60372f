#include "layout.h"

void mscp_usual_layout(AVChannelLayout *layout, int channels) {
  if (channels == 4)
    *layout = (AVChannelLayout)AV_CHANNEL_LAYOUT_QUAD;
  else
    av_channel_layout_default(layout, channels);
}
