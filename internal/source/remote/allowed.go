package remote

import (
	"slices"
	"strings"
)

// The options of FFmpeg that a URL may have, by who takes them: what is not known to be
// harmless is refused. docs/sources-urls.md lists them.
const (
	allowedAnywhere = "probesize analyzeduration formatprobesize fpsprobesize max_probe_packets max_ts_probe fflags " +
		"max_delay rtbufsize err_detect f_err_detect correct_ts_overflow use_wallclock_as_timestamps skip_initial_bytes " +
		"skip_estimate_duration_from_pts duration_probesize"
	allowedOfContainers = "resync_size fix_teletext_pts scan_all_pmts skip_unknown_pmt merge_pmt_versions skip_changes skip_clear " +
		"max_packet_size " +
		"ignore_editlist advanced_editlist ignore_chapters seek_streams_individually use_mfra_for use_tfdt max_stts_delta " +
		"interleaved_read decryption_key activation_bytes audible_key audible_iv " +
		"flv_metadata flv_full_metadata flv_ignore_prevtag missing_streams strict_mime_boundary usetoc " +
		"framerate video_size pixel_format sample_rate ch_layout"
	allowedOfPlaylists = "live_start_index prefer_x_start max_reload m3u8_hold_counters seg_max_retry cenc_decryption_key"
	allowedOfRTSP      = "rtsp_transport rtsp_flags allowed_media_types min_port max_port reorder_queue_size buffer_size pkt_size " +
		"initial_pause user_agent"
	allowedOfRTMP = "rtmp_app rtmp_buffer rtmp_conn rtmp_flashver rtmp_flush_interval rtmp_enhanced_codecs rtmp_live rtmp_pageurl " +
		"rtmp_playpath rtmp_subscribe rtmp_swfhash rtmp_swfsize rtmp_swfurl rtmp_tcurl rtmp_listen listen tcp_nodelay"
	allowedOfSRT = "send_buffer_size recv_buffer_size pkt_size payload_size maxbw pbkeylen passphrase enforced_encryption " +
		"kmrefreshrate kmpreannounce snddropdelay mss ffs ipttl iptos inputbw oheadbw latency tsbpddelay rcvlatency peerlatency " +
		"tlpktdrop nakreport connect_timeout mode sndbuf rcvbuf lossmaxttl minversion streamid srt_streamid smoother messageapi " +
		"transtype linger tsbpd"
	allowedOfUDP = "buffer_size localport local_port localaddr udplite_coverage pkt_size reuse reuse_socket broadcast ttl connect " +
		"fifo_size overrun_nonfatal sources block"
	allowedOfRTP = "ttl buffer_size rtcp_port local_rtpport local_rtcpport connect write_to_source pkt_size dscp sources block fec " +
		"localaddr reorder_queue_size"
)

// allowedOption reports whether FFmpeg may be given the option for a URL of the scheme.
func allowedOption(scheme, name string) bool {
	lists := []string{allowedAnywhere}
	switch scheme {
	case "http", "https":
		lists = append(lists, allowedOfContainers, allowedOfPlaylists)
	case "rtsp", "rtsps":
		lists = append(lists, allowedOfRTSP)
	case "rtmp", "rtmps":
		lists = append(lists, allowedOfRTMP, allowedOfContainers)
	case "srt":
		lists = append(lists, allowedOfSRT, allowedOfContainers)
	case "udp":
		lists = append(lists, allowedOfUDP, allowedOfContainers)
	case "rtp":
		lists = append(lists, allowedOfRTP, allowedOfContainers)
	}
	return slices.ContainsFunc(lists, func(list string) bool { return slices.Contains(strings.Fields(list), name) })
}
