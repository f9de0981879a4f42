import Glibc
import SigstoreBundle
import SigstoreVerify
import VerdictReport
import WireCoding

/// Many files with their signatures beside them, on all cores, told in their order.
struct Batch {
  let session: VerificationSession
  let options: VerifyOptions
  let notices: [Notice]
  let root: Report.Root?

  func run(_ blobs: [BlobSource], _ tell: (Report) -> Void) {
    let judge = Judge(session: session, content: options.content, usesKey: options.signer.isKey)
    InOrder.run(count: blobs.count, { judge.finding(of: blobs[$0]) }) { index, found in
      var report: Report
      switch found.result {
      case .success(let finding): report = Report(finding, notices: notices + found.notices, root: root)
      case .failure(let refusal):
        report = Report(notices: notices + found.notices, root: root, outcome: .refused(refusal, further: []))
      }
      report.subject = blobs[index].path
      tell(report)
    }
  }
}

/// Judges one file. Holds nothing that a thread could not share.
private struct Judge: Sendable {
  let session: VerificationSession
  let content: ExpectedContent
  let usesKey: Bool

  struct Found: Sendable {
    let result: Result<VerificationSession.Finding, Refusal>
    let notices: [Notice]
  }

  func finding(of blob: BlobSource) -> Found {
    var reader = MaterialReader(content: content, usesKey: usesKey)
    do throws(Refusal) {
      let bundles = try reader.read(.sidecars, beside: blob.path, timestamp: nil, isNewFormat: nil)
      return Found(result: .success(try session.judge(bundles, blob)), notices: reader.notices)
    } catch { return Found(result: .failure(error), notices: reader.notices) }
  }
}

/// Work on all cores whose results are taken in order, by the calling thread.
enum InOrder {
  /// - Parameters:
  ///   - work: called on other threads, once for each index.
  ///   - take: called here, in the order of the indexes, as soon as each is ready.
  static func run<Value: Sendable>(
    count: Int, _ work: @escaping @Sendable (Int) -> Value, _ take: (Int, Value) -> Void
  ) {
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let threads = min(count, min(cores, 64))
    guard threads > 1 else { return (0..<count).forEach { take($0, work($0)) } }
    let board = Board<Value>(count: count)
    let started = (0..<threads).reduce(into: [pthread_t]()) { started, _ in
      var thread = pthread_t()
      if start(&thread, { board.work(work) }) { started.append(thread) }
    }
    // Where no thread could be had, the work is done here.
    if started.isEmpty { board.work(work) }
    for index in 0..<count { take(index, board.value(index)) }
    for thread in started { pthread_join(thread, nil) }
  }

  private final class Job {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private static func start(_ thread: inout pthread_t, _ run: @escaping @Sendable () -> Void) -> Bool {
    let job = Unmanaged.passRetained(Job(run))
    let status = pthread_create(
      &thread, nil,
      { pointer in
        if let pointer { Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue().run() }
        return nil
      }, job.toOpaque())
    if status != 0 { job.release() }
    return status == 0
  }
}

/// Which indexes are taken and which results are there.
private final class Board<Value: Sendable>: @unchecked Sendable {
  // Every access to the fields holds the lock; its address stays as long as the object.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let ready = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var next = 0
  private var values: [Value?]

  init(count: Int) {
    values = Array(repeating: nil, count: count)
    lock.initialize(to: pthread_mutex_t())
    ready.initialize(to: pthread_cond_t())
    pthread_mutex_init(lock, nil)
    pthread_cond_init(ready, nil)
  }

  deinit {
    pthread_cond_destroy(ready)
    pthread_mutex_destroy(lock)
    ready.deallocate()
    lock.deallocate()
  }

  private func locked<T>(_ body: () -> T) -> T {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }

  private func takeNext() -> Int? {
    locked {
      guard next < values.count else { return nil }
      next += 1
      return next - 1
    }
  }

  func work(_ body: (Int) -> Value) {
    while let index = takeNext() {
      let value = body(index)
      locked {
        values[index] = value
        pthread_cond_broadcast(ready)
      }
    }
  }

  /// Waits for it, and forgets it.
  func value(_ index: Int) -> Value {
    locked {
      while true {
        if let value = values[index] {
          values[index] = nil
          return value
        }
        pthread_cond_wait(ready, lock)
      }
    }
  }
}
