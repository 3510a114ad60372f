# The Node-API addon. scripts/lib/addon.mjs has node-gyp make it, beside the Go library that it loads.
{
  'targets': [
    {
      'target_name': 'mscp',
      'sources': [
        'src/addon.cc',
        'src/arenas.cc',
        'src/bridge.cc',
        'src/buffer.cc',
        'src/dynamic.cc',
        'src/faults.cc',
        'src/frames.cc',
        'src/host.cc',
        'src/loader.cc',
        'src/signals.cc',
      ],
      'include_dirs': [
        '<!(node -p "require(\'node-api-headers\').include_dir")',
        '<!(node -p "require(\'node-addon-api\').include_dir")',
        # The C ABI is declared once, on the Go side.
        'goexport',
      ],
      'defines': [
        # Node-API alone: what is compiled against it runs on every Node that has this version of it.
        'NAPI_VERSION=9',
        'NODE_ADDON_API_DISABLE_DEPRECATED',
        'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
        # Where a thread is terminated nothing can be thrown: that is no reason to end the process.
        'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      ],
      'cflags': [
        '-Wall',
        '-Wextra',
        '-Werror',
        '-fvisibility=hidden',
        '-ffunction-sections',
        '-fdata-sections',
        '-fstack-protector-strong',
        # No folder of whoever builds gets into the symbols.
        '-ffile-prefix-map=<(module_root_dir)=.',
      ],
      'cflags_cc': ['-std=c++17', '-fno-exceptions', '-fno-rtti'],
      'configurations': {
        'Release': { 'cflags': ['-O2', '-g', '-D_FORTIFY_SOURCE=2'] },
        'Debug': { 'cflags': ['-O0', '-g'] },
      },
      'xcode_settings': {
        'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
        'GCC_ENABLE_CPP_EXCEPTIONS': 'NO',
        'GCC_ENABLE_CPP_RTTI': 'NO',
        'GCC_OPTIMIZATION_LEVEL': '2',
        'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
        'MACOSX_DEPLOYMENT_TARGET': '12.0',
        'WARNING_CFLAGS': ['-Wall', '-Wextra', '-Werror'],
      },
      'conditions': [
        ['OS=="linux"', {
          'ldflags': [
            '-pthread',
            '-static-libstdc++',
            '-static-libgcc',
            '-Wl,--exclude-libs,ALL',
            '-Wl,--version-script=<(module_root_dir)/src/exports.map',
            '-Wl,--gc-sections',
            '-Wl,--as-needed',
            '-Wl,-z,noexecstack',
            # Finalizers and the doorbell may run after a worker thread, whose end would unload the addon.
            '-Wl,-z,nodelete',
            '-Wl,-z,relro',
            '-Wl,-z,now',
          ],
        }],
      ],
    },
  ],
}
