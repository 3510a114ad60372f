# Of the Node.js that runs the build nothing is taken over.
{}
