#ifndef MSCP_LAYOUT_H
#define MSCP_LAYOUT_H

#include <libavutil/channel_layout.h>

// The layout that a count of channels is taken for: FFmpeg's own, but four are
// two in front and two behind, as they are in Opus (RFC 7845 section 5.1.1.2).
void mscp_usual_layout(AVChannelLayout *layout, int channels);

#endif
