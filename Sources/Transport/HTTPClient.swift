import CCurl
public import WireCoding

/// Gets bytes over HTTP within a limit. One thread at a time; connections are kept for the next request.
///
/// Redirects (301, 302, 303, 307, 308) are followed by the rules of `TransportRules`, each hop anew. No cookies, no
/// `.netrc`, no compression is asked for. Certificates are always checked, TLS is 1.2 or later. An answer without
/// length that is not chunked ends with its connection: over plain http its truncation cannot be seen.
///
/// Tried again, with growing waits: no connection, a connection timeout, an answer that broke off, 500, 502, 503 and
/// 504, and 429 with a short `Retry-After` (in seconds; a date in it is not read). After the last attempt such a status
/// is the response.
public final class HTTPClient {
  private let rules: TransportRules
  private let isCancelled: @Sendable () -> Bool
  private var handle: CurlHandle?
  private var isBusy = false

  /// `isCancelled` is asked about every 100 ms; true ends the call with `cancelled`.
  public init(rules: TransportRules, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    self.rules = rules
    self.isCancelled = isCancelled
  }

  /// The answer with its body in memory. Of an answer outside 200 to 299 at most 64 KiB within the limit are kept.
  public func get(_ request: HTTPRequest) throws(TransportFailure) -> (response: HTTPResponse, body: [UInt8]) {
    let sink = MemorySink()
    let response = try run(request, sink: sink, keepsErrorBody: true, progress: nil)
    return (response, sink.bytes)
  }

  /// The answer with its body in `sink`, unless its status is outside 200 to 299: then nothing is written.
  ///
  /// `progress` is told after each piece how many bytes of this attempt came, and how many the server announced.
  public func download(
    _ request: HTTPRequest, to sink: any ByteSink, progress: ((_ received: Int, _ announced: Int?) -> Void)? = nil
  ) throws(TransportFailure) -> HTTPResponse {
    try run(request, sink: sink, keepsErrorBody: false, progress: progress)
  }

  private func run(
    _ request: HTTPRequest, sink: any ByteSink, keepsErrorBody: Bool, progress: Exchange.Progress?
  ) throws(TransportFailure) -> HTTPResponse {
    guard !isBusy else { throw TransportFailure(.failed, "the client is in use") }
    isBusy = true
    defer { isBusy = false }
    try rules.check(request.url)
    let end = secondsNow() + Double(milliseconds(rules.totalTimeout)) / 1000
    let attempts = min(max(rules.attempts, 1), 20)
    var attempt = 1
    var backoff = min(max(rules.firstBackoff, 0.001), 60)
    while true {
      if isCancelled() { throw TransportFailure(.cancelled, place: request.url.withoutQuery) }
      try sink.begin()
      let outcome = try follow(request, sink: sink, keepsErrorBody: keepsErrorBody, progress: progress, until: end)
      let pause = max(backoff * Double.random(in: 1...1.5), outcome.retryAfter ?? 0)
      guard outcome.isWorthRetrying, attempt < attempts, secondsNow() + pause < end else {
        return try outcome.response.get()
      }
      guard wait(seconds: pause, unless: isCancelled) else {
        throw TransportFailure(.cancelled, place: request.url.withoutQuery)
      }
      attempt += 1
      backoff *= 2
    }
  }

  /// One attempt: a request and its redirects.
  private func follow(
    _ request: HTTPRequest, sink: any ByteSink, keepsErrorBody: Bool, progress: Exchange.Progress?, until end: Double
  ) throws(TransportFailure) -> Outcome {
    var url = request.url
    var redirects = 0
    var keepsToken = true
    while true {
      // A chain that has left the origin once may be steered from outside: no token any more, even back at the origin.
      keepsToken = keepsToken && rules.isTokenOrigin(url)
      let left = end - secondsNow()
      guard left > 0 else { throw TransportFailure(.timeout, "the time for the whole call", place: url.withoutQuery) }
      let exchange = Exchange(
        place: url.withoutQuery, limit: request.limit, sink: sink, keepsErrorBody: keepsErrorBody, progress: progress)
      let ending = try perform(
        url, lines: request.headerLines(withToken: keepsToken), body: request.body, seconds: left, into: exchange)
      if let failure = exchange.failure { throw failure }
      if ending.result != CURLE_OK, !exchange.isCutOff { return Outcome(ending, at: url) }
      // libcurl takes the end of the connection for the end of the headers.
      if exchange.isInHeaders { return Outcome(brokenOffAt: url) }
      guard (200...599).contains(exchange.status) else {
        throw TransportFailure(
          .failed, "the status", got: String(exchange.status), want: "200 to 599", place: url.withoutQuery)
      }
      guard [301, 302, 303, 307, 308].contains(exchange.status), let location = exchange.headers["location"] else {
        return Outcome(exchange, at: url, longestRetryAfter: rules.longestRetryAfter)
      }
      guard request.body == nil else {
        throw TransportFailure(.badRedirect, "of a request with a body", got: location, place: url.withoutQuery)
      }
      redirects += 1
      let most = min(max(rules.maximumRedirects, 0), 50)
      guard redirects <= most else {
        throw TransportFailure(.tooManyRedirects, got: "more", want: "at most \(most)", place: request.url.withoutQuery)
      }
      url = try rules.redirect(from: url, to: location)
    }
  }

  private func perform(
    _ url: WebURL, lines: [String], body: String?, seconds: Double, into exchange: Exchange
  ) throws(TransportFailure) -> CurlHandle.Ending {
    do throws(TransportFailure) {
      let handle = try openHandle()
      return try handle.perform(
        url, headerLines: lines, body: body, rules: rules, seconds: seconds, into: exchange, isCancelled: isCancelled)
    } catch {
      throw TransportFailure(
        error.code, error.detail, got: error.got, want: error.want, place: error.place ?? url.withoutQuery)
    }
  }

  private func openHandle() throws(TransportFailure) -> CurlHandle {
    if let handle { return handle }
    let new = try CurlHandle()
    handle = new
    return new
  }
}
