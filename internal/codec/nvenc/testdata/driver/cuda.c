// Stands for libcuda.so.1 in tests: one device, whose memory nobody asks for.
#include <stdlib.h>
#include <string.h>

// How many devices there are.
static int devices(void) {
  const char *count = getenv("DRIVER_DEVICES");
  return count ? atoi(count) : 1;
}

int cuDeviceGetCount(int *count) {
  *count = devices();
  return 0;
}

int cuDeviceGet(int *device, int ordinal) {
  *device = ordinal;
  return 0;
}

int cuDeviceGetName(char *name, int length, int device) {
  strncpy(name, "stand-in", (size_t)length);
  return 0;
}

int cuDeviceComputeCapability(int *major, int *minor, int device) {
  *major = 8;
  *minor = 6;
  return 0;
}

static int context;

int cuCtxCreate_v2(void **made, unsigned flags, int device) {
  *made = &context;
  return 0;
}

int cuCtxPopCurrent_v2(void **popped) {
  if (popped) {
    *popped = &context;
  }
  return 0;
}

int cuGetErrorName(int error, const char **name) {
  *name = "CUDA_ERROR";
  return 0;
}

int cuGetErrorString(int error, const char **text) {
  *text = "an error";
  return 0;
}

// The rest of what FFmpeg asks for by name, and calls for other formats alone.
#define NOTHING(name)                                                                              \
  int name(void) { return 0; }
NOTHING(cuInit)
NOTHING(cuDriverGetVersion)
NOTHING(cuDeviceGetAttribute)
NOTHING(cuCtxGetCurrent)
NOTHING(cuCtxSetLimit)
NOTHING(cuCtxPushCurrent_v2)
NOTHING(cuCtxDestroy_v2)
NOTHING(cuMemAlloc_v2)
NOTHING(cuMemAllocPitch_v2)
NOTHING(cuMemAllocManaged)
NOTHING(cuMemsetD8Async)
NOTHING(cuMemFree_v2)
NOTHING(cuMemcpy)
NOTHING(cuMemcpyAsync)
NOTHING(cuMemcpy2D_v2)
NOTHING(cuMemcpy2DAsync_v2)
NOTHING(cuMemcpyHtoD_v2)
NOTHING(cuMemcpyHtoDAsync_v2)
NOTHING(cuMemcpyDtoH_v2)
NOTHING(cuMemcpyDtoHAsync_v2)
NOTHING(cuMemcpyDtoD_v2)
NOTHING(cuMemcpyDtoDAsync_v2)
NOTHING(cuCtxGetDevice)
NOTHING(cuDevicePrimaryCtxRetain)
NOTHING(cuDevicePrimaryCtxRelease)
NOTHING(cuDevicePrimaryCtxSetFlags)
NOTHING(cuDevicePrimaryCtxGetState)
NOTHING(cuDevicePrimaryCtxReset)
NOTHING(cuStreamCreate)
NOTHING(cuStreamQuery)
NOTHING(cuStreamSynchronize)
NOTHING(cuStreamDestroy_v2)
NOTHING(cuStreamAddCallback)
NOTHING(cuStreamWaitEvent)
NOTHING(cuEventCreate)
NOTHING(cuEventDestroy_v2)
NOTHING(cuEventSynchronize)
NOTHING(cuEventQuery)
NOTHING(cuEventRecord)
NOTHING(cuLaunchKernel)
NOTHING(cuLinkCreate)
NOTHING(cuLinkAddData)
NOTHING(cuLinkComplete)
NOTHING(cuLinkDestroy)
NOTHING(cuModuleLoadData)
NOTHING(cuModuleUnload)
NOTHING(cuModuleGetFunction)
NOTHING(cuModuleGetGlobal)
NOTHING(cuTexObjectCreate)
NOTHING(cuTexObjectDestroy)
NOTHING(cuGLGetDevices_v2)
NOTHING(cuGraphicsGLRegisterImage)
NOTHING(cuGraphicsUnregisterResource)
NOTHING(cuGraphicsMapResources)
NOTHING(cuGraphicsUnmapResources)
NOTHING(cuGraphicsSubResourceGetMappedArray)
NOTHING(cuGraphicsResourceGetMappedPointer_v2)
NOTHING(cuArrayCreate_v2)
NOTHING(cuArray3DCreate_v2)
NOTHING(cuArrayDestroy)
