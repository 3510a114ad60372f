// What the waist is measured against: an echo that calls a thread-safe function
// for every message. It has no Go in it, which is to its advantage.
#include <napi.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using Message = std::vector<uint8_t>;

class Echo {
 public:
  Echo(Napi::Env env, Napi::Function on_message)
      : on_message_(Napi::ThreadSafeFunction::New(env, on_message, "naive echo", 0, 1)),
        thread_([this] { Run(); }) {}

  ~Echo() { Stop(); }

  void Send(Napi::Uint8Array bytes) {
    auto message = std::make_unique<Message>(bytes.Data(), bytes.Data() + bytes.ByteLength());
    const std::lock_guard<std::mutex> lock(mutex_);
    pending_.push_back(std::move(message));
    changed_.notify_one();
  }

  void Stop() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
      changed_.notify_one();
    }
    thread_.join();
    on_message_.Release();
  }

 private:
  void Run() {
    for (;;) {
      std::vector<std::unique_ptr<Message>> messages;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        changed_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
        if (stopping_) return;
        messages.swap(pending_);
      }
      for (auto& message : messages) on_message_.NonBlockingCall(message.release(), Deliver);
    }
  }

  static void Deliver(Napi::Env env, Napi::Function on_message, Message* raw) {
    const std::unique_ptr<Message> message(raw);
    Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, message->size());
    std::copy(message->begin(), message->end(), static_cast<uint8_t*>(copy.Data()));
    on_message.Call({copy});
  }

  Napi::ThreadSafeFunction on_message_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Message>> pending_;
  bool stopping_ = false;
  std::thread thread_;
};

Napi::Value Open(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  env.SetInstanceData(std::make_unique<Echo>(env, info[0].As<Napi::Function>()).release());
  return env.Undefined();
}

Napi::Value Send(const Napi::CallbackInfo& info) {
  info.Env().GetInstanceData<Echo>()->Send(info[0].As<Napi::Uint8Array>());
  return info.Env().Undefined();
}

Napi::Value Close(const Napi::CallbackInfo& info) {
  info.Env().GetInstanceData<Echo>()->Stop();
  return info.Env().Undefined();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  exports.Set("send", Napi::Function::New<Send>(env, "send"));
  exports.Set("close", Napi::Function::New<Close>(env, "close"));
  return exports;
}

NODE_API_MODULE(naive, Init)

}  // namespace
