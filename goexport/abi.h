/*
 * The C ABI between the Node-API addon (src/) and the Go library (goexport/).
 *
 * The library exports one symbol, mscp_open_abi. Everything else is reached
 * through the table that it returns. A change of anything here changes
 * MSCP_ABI_VERSION, and test/unit/waist-abi.test.ts in the same commit. A new
 * feature is a new message (internal/wire), not a change here.
 */
#ifndef MSCP_ABI_H
#define MSCP_ABI_H

/* C: what C++ has instead is not to be had. NOLINTBEGIN(modernize-*,cppcoreguidelines-macro-usage) */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MSCP_ABI_VERSION 3

/* What every entry returns; internal/wire/status.go says what they mean. */
enum {
  MSCP_OK = 0,
  MSCP_STALE_HANDLE = -1,
  MSCP_WRONG_KIND = -2,
  MSCP_BAD_ARGUMENT = -3,
  MSCP_CLOSED = -4,
  MSCP_TOO_LARGE = -5,
  MSCP_BUFFER_FULL = -6,
  MSCP_PANIC = -7,
  MSCP_INVALID_STATE = -8,
  MSCP_FAILED = -9
};

/* The smallest batch that poll takes, in bytes. */
#define MSCP_BATCH_SIZE ((size_t)256 * 1024)

/* An environment: a number, 0 is none. */
typedef uint64_t mscp_env;

/*
 * What a bell says, a word that both sides read and write atomically: see
 * internal/wire/bell.go. It is armed at first.
 */
enum { MSCP_BELL_ARMED = 0, MSCP_BELL_RUNG = 1, MSCP_BELL_POLLED = 2 };

/*
 * The doorbell: there is something to poll. Called on any thread, never after
 * env_close has returned. It must not block and must not call the library.
 */
typedef void (*mscp_ring)(void *context);

/*
 * What a frame is: a picture, sound, or a coded frame. internal/frames/head.go says what each number means.
 * All are doubles, so that JavaScript reads them as one Float64Array.
 */
typedef struct mscp_frame {
  double token;
  double kind;
  double timestamp, duration;
  double format;
  double width, height;
  double rotation;
  double sample_rate, channels, samples;
  double key;
  double sequence, dropped;
  double size, planes;
  double stride[4], offset[4];
  double x, y;
  double full_range, matrix;
  double ssrc, payload_type, rtp_timestamp, sequence_number, spatial, temporal;
  double audio_level;
  double lost;
} mscp_frame;

/* A plane of a frame, there until loan is given back. Nobody writes to it. */
typedef struct mscp_plane {
  const uint8_t *data;
  size_t length;
  uint64_t loan;
} mscp_plane;

/*
 * No entry blocks but env_close, and frame_copy where it converts. Memory that is passed in is borrowed for the
 * call. poll is for one thread at a time; the others are for any thread.
 */
typedef struct mscp_table {
  /* sizeof(mscp_table) and MSCP_ABI_VERSION as the library was built with. */
  uint32_t size;
  uint32_t version;

  /* context and bell stay the caller's, and valid until env_close has returned. */
  int32_t (*env_open)(mscp_ring ring, void *context, uint32_t *bell, mscp_env *env);
  /* Closes what is open and waits for it, 2 s at the most. */
  int32_t (*env_close)(mscp_env env);

  /* A request on handle (0: the environment); body is JSON. */
  int32_t (*call)(mscp_env env, uint32_t request, uint64_t handle, uint32_t method,
                  const uint8_t *body, size_t length);
  /*
   * Fills batch with records (internal/wire/frame.go). When *length is 0 there
   * are none, and the next one rings. Else the bell tells: who finds it polled,
   * and arms it, need not poll again.
   */
  int32_t (*poll)(mscp_env env, uint8_t *batch, size_t capacity, size_t *length);
  /* Bytes for a handle; text is 1 for UTF-8 text. */
  int32_t (*send)(mscp_env env, uint64_t handle, int32_t text, const uint8_t *data, size_t length);
  /* A number of a handle, read at once (internal/wire/query.go). */
  int32_t (*query)(mscp_env env, uint64_t handle, uint32_t what, int64_t *value);

  /*
   * Copies the bytes of a lent record into room, which has their length, and
   * ends the loan. Without room (length 0) it does that alone.
   */
  int32_t (*take)(mscp_env env, uint64_t token, uint8_t *room, size_t length);

  /*
   * Takes the next frame of a reader: it is held, under frame->token, until frame_release.
   * A token of 0: there is none, and an event tells of the next.
   */
  int32_t (*frame_take)(mscp_env env, uint64_t handle, mscp_frame *frame);
  /* Holds a copy of data as the frame that frame describes, which is completed. */
  int32_t (*frame_make)(mscp_env env, mscp_frame *frame, const uint8_t *data, size_t length);
  /* Copies a part of a frame: its own format, or 0, is copied, another is converted to. */
  int32_t (*frame_copy)(mscp_env env, uint64_t token, const mscp_frame *part, uint8_t *room,
                        size_t length);
  /* Gives a frame to a writer. MSCP_BUFFER_FULL: an event tells of room. It stays held. */
  int32_t (*frame_write)(mscp_env env, uint64_t handle, uint64_t token, const mscp_frame *frame);
  /* Ends the hold of a frame; what is lent of it stays. */
  int32_t (*frame_release)(mscp_env env, uint64_t token);
  /* Lends a plane. */
  int32_t (*frame_lend)(mscp_env env, uint64_t token, uint32_t plane, mscp_plane *lent);
  /* Gives a loan back, once, on any thread, and also after env_close. */
  void (*frame_return)(uint64_t loan);
} mscp_table;

/*
 * Returns the table, which lives as long as the process, or NULL when the
 * library does not speak this version. *library_version is set either way.
 */
const mscp_table *mscp_open_abi(uint32_t version, uint32_t *library_version);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(modernize-*,cppcoreguidelines-macro-usage) */

#endif
