import CCurl
import Glibc
import WireCoding

/// The handles of libcurl that live as long as a client: one transfer at a time, connections kept for the next.
///
/// The transfer is driven through the multi interface, because `curl_easy_perform` calls back too seldom to be
/// cancelled soon.
final class CurlHandle {
  /// How one request ended, as libcurl says it.
  struct Ending {
    let result: CURLcode
    let said: String
    /// Ended before the request was sent: name, connection, TLS.
    let isBeforeRequest: Bool
    /// What the proxy answered to CONNECT; 0 where none was asked.
    let proxyStatus: Int
  }

  /// libcurl initialises libcrypto, which keeps to its first initialisation: a program that wants none of OPENSSL_CONF
  /// has to call OpenSSLCrypto before this.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
  private static let pollMilliseconds: Int32 = 100

  private let easy: UnsafeMutableRawPointer
  private let multi: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>

  init() throws(TransportFailure) {
    guard Self.isReady, let easy = curl_easy_init() else {
      throw TransportFailure(.failed, "libcurl cannot be initialised")
    }
    guard let multi = curl_multi_init() else {
      curl_easy_cleanup(easy)
      throw TransportFailure(.failed, "libcurl cannot be initialised")
    }
    self.easy = easy
    self.multi = multi
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_multi_cleanup(multi)
    errorText.deallocate()
  }

  /// One request without redirects. `seconds` is what is left for it.
  func perform(
    _ url: WebURL, headerLines: [String], body: String?, rules: TransportRules, seconds: Double,
    into exchange: Exchange,
    isCancelled: () -> Bool
  ) throws(TransportFailure) -> Ending {
    var lines: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(lines) }
    for line in headerLines {
      guard let longer = curl_slist_append(lines, line) else { throw TransportFailure(.failed, "out of memory") }
      lines = longer
    }
    // Nothing of the last request stays except connections, names and TLS sessions.
    curl_easy_reset(easy)
    errorText.update(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try check(nexo_curl_set_error_buffer(easy, errorText))
    try check(nexo_curl_set_headers(easy, lines))
    try setAddress(url, rules: rules)
    if let body {
      try set(CURLOPT_POST, 1)
      try set(CURLOPT_POSTFIELDSIZE, body.utf8.count)
      try set(CURLOPT_COPYPOSTFIELDS, body)
    }
    try setTLS(rules)
    try setTimes(rules, seconds: seconds)
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    try check(nexo_curl_set_header_receiver(easy, receiveHeader, context))
    try check(nexo_curl_set_body_receiver(easy, receiveBody, context))
    defer {
      // The handle outlives the request: it must keep neither the exchange nor the list.
      curl_easy_reset(easy)
    }
    return try withExtendedLifetime(exchange) { () throws(TransportFailure) in
      try drive(isCancelled: isCancelled)
    }
  }

  private func setAddress(_ url: WebURL, rules: TransportRules) throws(TransportFailure) {
    try set(CURLOPT_URL, url.text)
    try set(CURLOPT_PROTOCOLS_STR, url.scheme)
    try set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    try set(CURLOPT_FOLLOWLOCATION, 0)
    try set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    try set(CURLOPT_HTTP09_ALLOWED, 0)
    try set(CURLOPT_HTTPGET, 1)
    try set(CURLOPT_USERAGENT, rules.userAgent)
    // Both are always given: what is not given libcurl looks up in the process's own environment.
    try set(CURLOPT_PROXY, rules.proxy(for: url) ?? "")
    try set(CURLOPT_NOPROXY, rules.hostsWithoutProxy ?? "")
    try set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func setTLS(_ rules: TransportRules) throws(TransportFailure) {
    for (peer, host, version) in [
      (CURLOPT_SSL_VERIFYPEER, CURLOPT_SSL_VERIFYHOST, CURLOPT_SSLVERSION),
      (CURLOPT_PROXY_SSL_VERIFYPEER, CURLOPT_PROXY_SSL_VERIFYHOST, CURLOPT_PROXY_SSLVERSION),
    ] {
      try set(peer, 1)
      try set(host, 2)
      try set(version, CURL_SSLVERSION_TLSv1_2)
    }
    if let file = rules.authorityFile {
      try set(CURLOPT_CAINFO, file)
      try set(CURLOPT_PROXY_CAINFO, file)
    }
    if let folder = rules.authorityFolder {
      try set(CURLOPT_CAPATH, folder)
      try set(CURLOPT_PROXY_CAPATH, folder)
    }
  }

  private func setTimes(_ rules: TransportRules, seconds: Double) throws(TransportFailure) {
    try set(CURLOPT_NOSIGNAL, 1)
    // Else an abandoned look-up of a name is waited for.
    try set(CURLOPT_QUICK_EXIT, 1)
    try set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(min(rules.connectTimeout, seconds)))
    try set(CURLOPT_TIMEOUT_MS, milliseconds(seconds))
    try set(CURLOPT_LOW_SPEED_LIMIT, 16)
    try set(CURLOPT_LOW_SPEED_TIME, max(1, (milliseconds(rules.stallTimeout) + 999) / 1000))
  }

  private func drive(isCancelled: () -> Bool) throws(TransportFailure) -> Ending {
    try check(curl_multi_add_handle(multi, easy))
    defer { curl_multi_remove_handle(multi, easy) }
    while true {
      if isCancelled() { throw TransportFailure(.cancelled) }
      var running: Int32 = 0
      try check(curl_multi_perform(multi, &running))
      if running == 0 { return try ending() }
      try check(curl_multi_poll(multi, nil, 0, Self.pollMilliseconds, nil))
    }
  }

  private func ending() throws(TransportFailure) -> Ending {
    var queued: Int32 = 0
    while let message = curl_multi_info_read(multi, &queued) {
      guard message.pointee.msg == CURLMSG_DONE, message.pointee.easy_handle == easy else { continue }
      let result = message.pointee.data.result
      var said = String(cString: errorText)
      if said.isEmpty { said = curl_easy_strerror(result).map { String(cString: $0) } ?? "" }
      return Ending(
        result: result, said: bounded(said),
        isBeforeRequest: nexo_curl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T) == 0,
        proxyStatus: nexo_curl_get_long(easy, CURLINFO_HTTP_CONNECTCODE))
    }
    throw TransportFailure(.failed, "libcurl lost the transfer")
  }

  private func set(_ option: CURLoption, _ value: Int) throws(TransportFailure) {
    try check(nexo_curl_set_long(easy, option, value))
  }

  private func set(_ option: CURLoption, _ value: String) throws(TransportFailure) {
    try check(nexo_curl_set_string(easy, option, value))
  }

  private func check(_ result: CURLcode) throws(TransportFailure) {
    guard result == CURLE_OK else {
      throw TransportFailure(.failed, curl_easy_strerror(result).map { String(cString: $0) })
    }
  }

  private func check(_ result: CURLMcode) throws(TransportFailure) {
    guard result == CURLM_OK else {
      throw TransportFailure(.failed, curl_multi_strerror(result).map { String(cString: $0) })
    }
  }
}

private func receiveHeader(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  receive(bytes, size, count, context) { $0.receive(header: $1) }
}

private func receiveBody(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  receive(bytes, size, count, context) { $0.receive(body: $1) }
}

private func receive(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?,
  by take: (Exchange, UnsafeRawBufferPointer) -> Bool
) -> Int {
  let (offered, overflow) = size.multipliedReportingOverflow(by: count)
  guard let context, !overflow, offered >= 0 else { return nexo_curl_refused(0) }
  let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  let isTaken = take(exchange, UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : offered))
  return isTaken ? offered : nexo_curl_refused(offered)
}
