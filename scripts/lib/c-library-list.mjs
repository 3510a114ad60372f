// Which static C libraries there are, of which version, and how each is configured.
const list = (text) => text.trim().split(/\s+/).join(',');

// For macOS nothing is built elsewhere.
const ownCpu = process.arch === 'x64' ? 'x86_64' : process.arch;

// FFmpeg's decoders, and what they call, that a live stream or a common file meets. The rest of libavcodec, hundreds of
// codecs of archives and games, and everything that filters, reads and writes containers, is compiled for size.
const HOT = `
  h26 hevc/ cabac golomb startcode videodsp hpeldsp qpeldsp blockdsp
  vp8 vp9 vpx_rac
  mpeg mjpeg jpegtables png prores dnxhd idct simple_idct
  aac sbr kbdwin opus celt vorbis flac ac3 eac3 pcm
`
  .trim()
  .split(/\s+/);
// Of these, of libavutil and libswscale, what mostly has assembly in its place, or calls it.
const IN_ASSEMBLY = `
  libavcodec/h264dsp libavcodec/h264pred libavcodec/h264qpel libavcodec/hpeldsp
  libavcodec/vp8dsp libavcodec/vp9dsp_ libavcodec/vp9recon
  libavutil/tx_ libswscale/output libswscale/swscale_unscaled libswscale/yuv2rgb
`
  .trim()
  .split(/\s+/);
// In make, % stands for one character at least.
const objects = (names) => names.map((name) => `${name}.o ${name}%.o`).join(' ');
const FFMPEG_SPEED = [
  'libavcodec/%.o libavfilter/%.o libavformat/%.o libavdevice/%.o: CFLAGS += -Os',
  // make lets the narrower pattern win.
  `libavcodec/x86/%.o libavcodec/aarch64/%.o ${objects(HOT.map((name) => `libavcodec/${name}`))}: CFLAGS += -O2`,
  `${objects(IN_ASSEMBLY)}: CFLAGS += -Os`,
];

/**
 * In the order in which they are built. `needs` names libraries of this list, `system` how it is built (a configure
 * script unless told otherwise), `objects` how many files get compiled: the measure of progress; `prepare` are commands
 * before configuring, `notices` the licences of what is compiled in. In platform packages, what `isCold` has no part in
 * encoding, decoding or sending and is compiled for size, and `smaller` has more words for configuring and for make, and
 * commands between the two. `windows` and `darwin`, which nobody has tried, have what differs there: words `without` these,
 * and more of them; or they are false.
 */
export const libraries = [
  {
    name: 'opus',
    version: '1.5.2',
    file: 'opus_1.5.2.orig.tar.gz',
    sha256: '65c1d2f78b9f2fb20082c38cbe47c951ad5839345876e46941612ee87f9a7ce1',
    license: 'BSD-3-Clause',
    objects: 161,
    seconds: 20,
    configure: [
      '--disable-shared',
      '--enable-static',
      '--with-pic',
      '--disable-doc',
      '--disable-extra-programs',
      '--disable-dependency-tracking',
    ],
  },
  {
    name: 'openh264',
    version: '2.6.0',
    file: 'openh264_2.6.0+dfsg.orig.tar.xz',
    sha256: '52fc65775e03abe70f3f453c3c57fa7b31c71fe240de84da53d75f2ddc7dd519',
    license: 'BSD-2-Clause',
    objects: 109,
    seconds: 18,
    // A plain Makefile: nothing to configure.
    make: ['libopenh264.a', 'BUILDTYPE=Release', 'OS=linux'],
    install: 'install-static',
    smaller: { make: ['CFLAGS_OPT=-O2'] },
    windows: { without: /^OS=/, make: ['OS=mingw_nt'] },
    darwin: { without: /^OS=/, make: ['OS=darwin', `ARCH=${ownCpu}`] },
  },
  {
    name: 'libvpx',
    version: '1.15.0',
    file: 'libvpx_1.15.0.orig.tar.xz',
    sha256: 'a6cfd199c5c567cfa4e6d991ec36690d9af801585b5db959c1494b5b15f821a5',
    license: 'BSD-3-Clause',
    objects: 238,
    seconds: 35,
    configure: [
      '--enable-static',
      '--disable-shared',
      '--enable-pic',
      '--enable-vp8',
      '--enable-vp9',
      '--enable-realtime-only',
      '--enable-runtime-cpu-detect',
      '--disable-examples',
      '--disable-tools',
      '--disable-docs',
      '--disable-unit-tests',
      '--disable-install-bins',
      '--disable-webm-io',
      '--disable-libyuv',
      '--disable-dependency-tracking',
      '--as=nasm',
    ],
    // The newest that it knows: of later systems it would take nothing but plain C.
    darwin: { configure: [`--target=${ownCpu}-darwin23-gcc`] },
  },
  {
    // AV1, to encode: dav1d decodes it. Of 8 bits, in real time, without what only makes it larger.
    name: 'libaom',
    package: 'aom',
    version: '3.12.1',
    file: 'aom_3.12.1.orig.tar.gz',
    sha256: '40c929a41b2a59c24319a699c358351422829b3ae646de31b18cbabed0191962',
    license: 'BSD-2-Clause AND BSD-3-Clause AND BSD-3-Clause-Clear AND ISC AND MIT',
    // Of what is compiled into it.
    notices: [
      'third_party/SVT-AV1/LICENSE.md',
      'third_party/SVT-AV1/PATENTS.md',
      'third_party/fastfeat/LICENSE',
      'third_party/vector/LICENSE',
      'third_party/x86inc/LICENSE',
    ],
    system: 'cmake',
    objects: 246,
    seconds: 110,
    configure: [
      // What nothing calls is left out by the linker.
      '-DCMAKE_C_FLAGS_RELEASE=-O2 -DNDEBUG -ffunction-sections -fdata-sections',
      '-DCONFIG_AV1_DECODER=0',
      '-DCONFIG_REALTIME_ONLY=1',
      '-DCONFIG_AV1_HIGHBITDEPTH=0',
      '-DCONFIG_QUANT_MATRIX=0',
      '-DCONFIG_DENOISE=0',
      '-DCONFIG_LIBYUV=0',
      '-DCONFIG_WEBM_IO=0',
      '-DENABLE_NASM=1',
      '-DENABLE_DOCS=0',
      '-DENABLE_EXAMPLES=0',
      '-DENABLE_TESTS=0',
      '-DENABLE_TESTDATA=0',
      '-DENABLE_TOOLS=0',
    ],
  },
  {
    name: 'zlib',
    version: '1.3.1',
    file: 'zlib_1.3.dfsg+really1.3.1.orig.tar.gz',
    sha256: '60dd315c07f616887caa029408308a018ace66e3d142726a97db164b3b8f69fb',
    license: 'Zlib',
    objects: 15,
    seconds: 3,
    environment: { CFLAGS: '-O2 -fPIC' },
    configure: ['--static'],
    // It would point to a Makefile that Debian leaves out.
    windows: { configure: ['--uname=Linux'] },
  },
  {
    // AV1.
    name: 'dav1d',
    version: '1.5.1',
    file: 'dav1d_1.5.1.orig.tar.xz',
    sha256: '401813f1f89fa8fd4295805aa5284d9aed9bc7fc1fdbe554af4292f64cbabe21',
    license: 'BSD-2-Clause',
    system: 'meson',
    objects: 240,
    seconds: 25,
    configure: ['-Denable_tools=false', '-Denable_tests=false', '-Dlogging=false'],
    smaller: { configure: ['-Doptimization=2'] },
  },
  {
    // Manifests of DASH.
    name: 'libxml2',
    version: '2.9.14',
    file: 'libxml2_2.9.14+dfsg.orig.tar.xz',
    sha256: '4fe913dec8b1ab89d13b489b419a8203176ea39e931eaa0d25b17eafb9c279e9',
    license: 'MIT',
    isCold: true,
    objects: 30,
    seconds: 12,
    configure: [
      '--enable-static',
      '--disable-shared',
      '--with-pic',
      '--disable-dependency-tracking',
      '--with-minimum',
      '--with-tree',
      '--without-lzma',
      '--without-zlib',
    ],
    // The library alone: its tests want more of it than was built.
    make: ['libxml2.la', 'xml2-config', 'libxml-2.0.pc'],
    install: ['install-libLTLIBRARIES', 'install-pkgconfigDATA', 'install-data'],
  },
  {
    // TLS for what FFmpeg itself connects to: rtsps, rtmps. It is also what makes it know https.
    name: 'mbedtls',
    version: '3.6.6',
    file: 'mbedtls_3.6.6.orig.tar.bz2',
    sha256: '8fb65fae8dcae5840f793c0a334860a411f884cc537ea290ce1c52bb64ca007a',
    license: 'Apache-2.0',
    system: 'cmake',
    isCold: true,
    objects: 110,
    seconds: 25,
    // Connections live on threads of their own, but share its store of keys.
    prepare: ['MBEDTLS_THREADING_C', 'MBEDTLS_THREADING_PTHREAD'].map((option) => [
      'python3',
      'scripts/config.py',
      'set',
      option,
    ]),
    configure: [
      '-DENABLE_PROGRAMS=OFF',
      '-DENABLE_TESTING=OFF',
      '-DUSE_SHARED_MBEDTLS_LIBRARY=OFF',
      '-DMBEDTLS_FATAL_WARNINGS=OFF',
    ],
  },
  {
    name: 'srt',
    version: '1.5.1',
    file: 'srt_1.5.1.orig.tar.gz',
    sha256: 'af891e7a7ffab61aa76b296982038b3159da690f69ade7c119f445d924b3cf53',
    license: 'MPL-2.0',
    system: 'cmake',
    needs: ['mbedtls'],
    isCold: true,
    objects: 60,
    seconds: 30,
    configure: [
      '-DENABLE_APPS=OFF',
      '-DENABLE_SHARED=OFF',
      '-DENABLE_STATIC=ON',
      '-DUSE_ENCLIB=mbedtls',
      '-DUSE_STATIC_LIBSTDCXX=OFF',
    ],
    // Nobody reads its log; errors come as such.
    smaller: { configure: ['-DENABLE_LOGGING=OFF'] },
    windows: { configure: ['-DENABLE_STDCXX_SYNC=ON'] },
  },
  {
    // What connects to an X server, for screens.
    name: 'libxau',
    version: '1.0.11',
    file: 'libxau_1.0.11.orig.tar.gz',
    sha256: '3a321aaceb803577a4776a5efe78836eb095a9e44bbc7a465d29463e1a14f189',
    license: 'X11',
    isCold: true,
    objects: 7,
    seconds: 6,
    configure: ['--enable-static', '--disable-shared', '--with-pic'],
    windows: false,
    darwin: false,
  },
  {
    name: 'libxcb',
    version: '1.15',
    file: 'libxcb_1.15.orig.tar.gz',
    sha256: '1cb65df8543a69ec0555ac696123ee386321dfac1964a3da39976c9a05ad724d',
    license: 'X11',
    needs: ['libxau'],
    // The one that the package of the generator is installed for.
    environment: { PYTHON: '/usr/bin/python3' },
    isCold: true,
    objects: 40,
    seconds: 15,
    configure: [
      '--enable-static',
      '--disable-shared',
      '--with-pic',
      '--disable-devel-docs',
      ...`
        composite damage dbe dpms dri2 dri3 ge glx present randr record resource screensaver
        sync xevie xfree86-dri xinerama xinput xkb xprint selinux xtest xv xvmc
      `
        .trim()
        .split(/\s+/)
        .map((extension) => `--disable-${extension}`),
    ],
    windows: false,
    darwin: false,
  },
  {
    // What FFmpeg calls NVIDIA's driver by, which is loaded where it is wanted: headers alone.
    name: 'nv-codec-headers',
    version: '12.1.14.0',
    file: 'nv-codec-headers_12.1.14.0.orig.tar.xz',
    sha256: '0ca1a0c85b149646fa6ce4d600584507fdccf5a23d58e668d8701e89cee0c3fb',
    license: 'MIT',
    // It is nowhere but at the head of each.
    prepare: [['sh', '-c', "sed '/\\*\\//q' include/ffnvcodec/nvEncodeAPI.h > LICENSE"]],
    objects: 1,
    seconds: 1,
    darwin: false,
  },
  {
    name: 'ffmpeg',
    version: '7.1.5',
    file: 'ffmpeg_7.1.5.orig.tar.xz',
    sha256: 'de668509caf9e35e3cd162473441fdb29538c6d96ed080292b3cf9e6fc5d558f',
    // With mbedTLS, which its licence allows from version 3 on.
    license: 'LGPL-3.0-or-later',
    needs: ['zlib', 'dav1d', 'libxml2', 'mbedtls', 'srt', 'libxau', 'libxcb', 'nv-codec-headers'],
    objects: 1583,
    seconds: 186,
    // Neither --enable-gpl nor --enable-nonfree, ever: the package is linked with this.
    configure: [
      '--enable-static',
      '--disable-shared',
      '--enable-pic',
      '--optflags=-O2',
      '--disable-programs',
      '--disable-doc',
      '--disable-debug',
      '--disable-autodetect',
      '--enable-pthreads',
      '--enable-network',
      '--enable-version3',
      '--enable-zlib',
      '--enable-libdav1d',
      '--enable-libxml2',
      '--enable-mbedtls',
      '--enable-libsrt',
      '--enable-libxcb',
      '--enable-libxcb-shm',
      '--enable-libxcb-xfixes',
      '--enable-ffnvcodec',
      '--enable-nvenc',
      '--pkg-config-flags=--static',
      '--disable-hwaccels',
      '--disable-postproc',

      // Everything can be read …
      '--enable-demuxers',
      '--enable-decoders',
      '--enable-parsers',
      '--enable-bsfs',

      // … and what is used can be written.
      '--disable-muxers',
      `--enable-muxer=${list(`
        webm matroska mp4 mov ogg wav opus mpegts rtp null rawvideo h264 ivf
      `)}`,
      '--disable-encoders',
      `--enable-encoder=${list(`
        rawvideo pcm_s16le pcm_mulaw pcm_alaw adpcm_g722 wrapped_avframe mjpeg h264_nvenc
      `)}`,

      '--disable-protocols',
      `--enable-protocol=${list(`
        file pipe fd data cache concat subfile crypto
        tcp udp udplite rtp http https httpproxy tls hls rtmp rtmps libsrt
      `)}`,

      '--disable-filters',
      `--enable-filter=${list(`
        buffer buffersink abuffer abuffersink null anull format aformat
        scale fps setpts asetpts settb asettb setsar
        aresample asetnsamples volume pan amix split asplit realtime arealtime
        transpose hflip vflip rotate crop pad overlay yadif bwdif drawbox
        testsrc testsrc2 smptebars smptehdbars color sine anullsrc nullsrc
      `)}`,

      '--disable-outdevs',
      '--disable-indevs',
      '--enable-indev=lavfi,v4l2,xcbgrab',
    ],
    smaller: {
      configure: [
        // Second ones of codecs: FFmpeg prefers those that calculate with floating point, and libdav1d.
        `--disable-decoder=${list('aac_fixed ac3_fixed mp1 mp2 mp3 mp3adu mp3on4 av1')}`,
        // What edits streams at an app's word, which no app can give here.
        `--disable-bsf=${list(`
          dovi_rpu dts2pts filter_units h264_metadata h264_redundant_pps hevc_metadata mpeg2_metadata trace_headers
          vp9_metadata vvc_metadata
        `)}`,
        '--disable-encoder=mjpeg',
        // Instructions of processors that are not made any more.
        '--disable-amd3dnow',
        '--disable-xop',
        '--disable-fma4',
      ],
      configured: FFMPEG_SPEED.map((line) => ['sh', '-c', `echo '${line}' >> ffbuild/config.mak`]),
    },
    windows: {
      without: /xcb|^--enable-pthreads$/,
      configure: [
        '--enable-w32threads',
        '--enable-indev=lavfi,gdigrab,dshow',
        // What static archives ask of each other and of the system, and don't say.
        '--extra-cflags=-DLIBXML_STATIC',
        '--extra-libs=-lbcrypt -lws2_32',
      ],
    },
    darwin: {
      without: /xcb|nvenc$|ffnvcodec|^--enable-indev=/,
      configure: ['--enable-avfoundation', '--enable-indev=lavfi,avfoundation'],
    },
  },
];

/** What a target's system is called in the list, where it is not Linux. */
const systemOf = ({ isWindows, name }) =>
  isWindows ? 'windows' : name.startsWith('darwin-') ? 'darwin' : undefined;

/** The libraries that a target is linked with, as they are built for it. */
export function librariesOf(target) {
  const system = systemOf(target);
  if (!system) return libraries;
  return libraries
    .filter((library) => library[system] !== false)
    .map((library) => changedFor(system, library));
}

function changedFor(system, library) {
  const { without, configure = [], make = [] } = library[system] ?? {};
  const isKept = (word) => !without?.test(word);
  const changed = (own, more) =>
    (own || more.length > 0) && [...(own ?? []).filter(isKept), ...more];
  return {
    ...library,
    needs: library.needs?.filter(
      (name) => libraries.find((other) => other.name === name)[system] !== false,
    ),
    configure: changed(library.configure, configure) || undefined,
    make: changed(library.make, make) || undefined,
  };
}
