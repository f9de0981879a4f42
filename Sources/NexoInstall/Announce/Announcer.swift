import Glibc
import WireCoding

/// Where the daemon's broker listens, and how to get in.
struct BrokerAddress: Sendable {
  /// One address, or several separated by commas:
  /// `nats://`, `tls://`, with `user:password@` or `token@` before the host.
  let urls: String
  /// Contents of the file with the seed.
  let nkeySeed: [UInt8]?

  /// The addresses one by one; nil if one of them is none.
  var servers: [BrokerServer]? {
    let all = urls.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty }
    let servers = all.compactMap { BrokerServer($0) }
    return servers.count == all.count ? servers : nil
  }
}

/// One server. nats.c takes every scheme, `TLS` in capitals too, for leave to speak in the clear.
struct BrokerServer: Sendable {
  enum Scheme: String, Sendable { case nats, tls }

  let scheme: Scheme
  /// With the scheme in lower case, `nats` where none was given.
  let address: String

  /// Nil for another scheme than `nats` and `tls`, and where nothing follows it.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    guard let rest = parts.last, !rest.isEmpty, !rest.utf8.contains(0) else { return nil }
    guard let scheme = parts.count == 1 ? .nats : Scheme(rawValue: parts[0].lowercased()) else { return nil }
    self.scheme = scheme
    address = "\(scheme.rawValue)://\(rest)"
  }
}

/// Publishes one event, best effort, within a time that the user is willing to wait.
enum Announcer {
  /// - Parameter seconds: for everything together: names, connection, handshake, and the broker's answer.
  /// - Returns: nil if the broker confirmed that it has the event; else why not, in one line.
  static func announce(_ event: LifecycleEvent, to address: BrokerAddress, timeout seconds: Double = 2) -> String? {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let now = UnixTime(seconds: Int64(time.tv_sec), nanoseconds: UInt32(clamping: time.tv_nsec))
    let message = NATSMessage(
      subject: event.subject,
      body: event.envelope(eventID: LifecycleEvent.newID(), at: now ?? UnixTime(seconds: Int64(time.tv_sec))))
    let seed = address.nkeySeed.flatMap { NKeySeed($0) }
    guard address.nkeySeed == nil || seed != nil else { return "the nkey file holds no user's seed" }
    guard let servers = address.servers else { return "a broker address that is neither nats:// nor tls://" }
    guard !servers.isEmpty, servers.count <= 16 else { return "no broker address, or more than 16" }
    return Deadline.run(seconds: seconds, late: "no answer within \(seconds) s") { remaining in
      NATSConnection.publish(message, to: servers, seed: seed, remaining: remaining)
    }
  }
}

/// Runs something that may wait for others in a thread of its own, and waits for it no longer than is wanted.
private enum Deadline {
  private final class Job: Sendable {
    let work: @Sendable () -> String?
    let done: Int32
    init(done: Int32, work: @escaping @Sendable () -> String?) {
      self.done = done
      self.work = work
    }
  }

  /// - Parameter work: gets a clock that says how many milliseconds are left.
  static func run(
    seconds: Double, late: String, _ work: @escaping @Sendable (_ remaining: @Sendable () -> Int) -> String?
  ) -> String? {
    var ends: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return "no socket: \(String(cString: strerror(errno)))" }
    let end = milliseconds() + Int(seconds * 1000)
    let job = Job(done: ends[1]) { work { max(0, end - milliseconds()) } }
    var thread = pthread_t()
    let started = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        let job = Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue()
        let answer = Array((job.work() ?? "").utf8.prefix(500))
        // So few go in one piece; where nobody waits any more, not at all, and without SIGPIPE.
        _ = send(job.done, answer, answer.count, Int32(MSG_NOSIGNAL))
        close(job.done)
        return nil
      }, Unmanaged.passRetained(job).toOpaque())
    guard started == 0 else {
      close(ends[0])
      close(ends[1])
      return "no thread"
    }
    pthread_detach(thread)
    defer { close(ends[0]) }
    return answer(ends[0], until: end) ?? late
  }

  /// Nil where none came in time; an empty one is a success.
  private static func answer(_ descriptor: Int32, until end: Int) -> String?? {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let left = end - milliseconds()
      guard left > 0 else { return nil }
      let ready = poll(&entry, 1, Int32(clamping: left))
      if ready > 0 { break }
      if ready < 0, errno != EINTR { return nil }
    }
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = read(descriptor, &buffer, buffer.count)
    let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    return .some(text.isEmpty ? nil : text)
  }

  private static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}
