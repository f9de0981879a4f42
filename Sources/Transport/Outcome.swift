import CCurl
import WireCoding

/// What an attempt brought: an answer or a failure of the connection, and whether another attempt may bring something
/// better.
struct Outcome {
  let response: Result<HTTPResponse, TransportFailure>
  let isWorthRetrying: Bool
  /// Seconds that the server wants to be left alone.
  let retryAfter: Double?

  /// An answer. One that asks for a longer pause than is accepted is final.
  init(_ exchange: Exchange, at url: WebURL, longestRetryAfter: Int) {
    response = .success(
      HTTPResponse(status: exchange.status, headers: exchange.headers, url: url, byteCount: exchange.byteCount))
    let wanted = exchange.headers["retry-after"].flatMap { UInt($0) }
    let isShort = wanted.map { $0 <= UInt(max(0, longestRetryAfter)) }
    switch exchange.status {
    case 429: isWorthRetrying = isShort == true
    case 500, 502, 503, 504: isWorthRetrying = isShort != false
    default: isWorthRetrying = false
    }
    retryAfter = isWorthRetrying ? wanted.map(Double.init) : nil
  }

  /// No answer: libcurl's result as a code. What no second attempt can mend (TLS, an answer against the protocol) is
  /// final.
  init(_ ending: CurlHandle.Ending, at url: WebURL) {
    let (code, isWorthRetrying) = Self.judge(ending)
    response = .failure(TransportFailure(code, ending.said, place: url.withoutQuery))
    self.isWorthRetrying = isWorthRetrying
    retryAfter = nil
  }

  /// The answer ended within its headers.
  init(brokenOffAt url: WebURL) {
    response = .failure(TransportFailure(.truncated, "the headers are not complete", place: url.withoutQuery))
    isWorthRetrying = true
    retryAfter = nil
  }

  private static func judge(_ ending: CurlHandle.Ending) -> (TransportCode, Bool) {
    // The proxy's refusal (403, 407) stays; its trouble with the server may pass.
    if ending.proxyStatus != 0, !(200...299).contains(ending.proxyStatus) {
      return (.unreachable, ending.proxyStatus >= 500)
    }
    switch ending.result {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: return (.unreachable, true)
    case CURLE_PROXY: return (.unreachable, false)
    case CURLE_OPERATION_TIMEDOUT: return (.timeout, ending.isBeforeRequest)
    case CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_HTTP2, CURLE_HTTP2_STREAM:
      return (.truncated, true)
    case CURLE_SEND_ERROR: return (.failed, true)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_SHUTDOWN_FAILED:
      return (.tlsFailed, false)
    case CURLE_URL_MALFORMAT: return (.badURL, false)
    default: return (.failed, false)
    }
  }
}
