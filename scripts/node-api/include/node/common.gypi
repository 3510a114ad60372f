# What node-gyp reads of a Node.js that it builds for: the addon needs none, its headers are npm packages (binding.gyp).
# So it is the same whatever Node builds it, and no headers are downloaded.
{
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': { 'Release': {}, 'Debug': {} },
  },
}
