import RekorCheck
public import SigstoreBundle
public import SigstoreVerify
import Transport
public import WireCoding

public typealias LookUpFailure = Failure<LookUpCode>

/// Why a log gave no entry.
public enum LookUpCode: String, FailureCode {
  case notFound = "log.notFound"
  case refused = "log.queryRefused"
  case answerMalformed = "log.answerMalformed"

  public var blame: Blame {
    switch self {
    case .notFound: .untrusted
    case .refused: .unavailable
    case .answerMalformed: .malformed
    }
  }

  public var meaning: String {
    switch self {
    case .notFound: "the log holds no entry of this signature"
    case .refused: "the log does not answer the question"
    case .answerMalformed: "the log's answer cannot be read"
    }
  }

  public var advice: String? {
    switch self {
    case .notFound:
      "it was never logged, or in another log: --rekor-url names it; Rekor v2 cannot be asked, it needs a bundle"
    case .refused: "try again later, or ask the author for a bundle"
    case .answerMalformed: "--rekor-url is the address of a Rekor v1 log"
    }
  }
}

/// Asks a Rekor v1 log for the entry of a signature (`POST /api/v1/log/entries/retrieve`).
///
/// The answer is somebody's word: each entry's id is compared with its body, and nothing else is checked here. Whether an entry is about the
/// signature that was asked for, whether the log signed it, and whose key the log has is the recipe's part. No key is ever asked of a server.
public struct LogLookUp: Sendable {
  public static let publicLog = "https://rekor.sigstore.dev"

  private let base: String
  private let environment: [String: String]
  private let isCancelled: @Sendable () -> Bool
  /// In seconds, of silence.
  var stallTimeout = 30.0

  /// - Parameters:
  ///   - base: address of the log; plain http only for a loopback host.
  ///   - environment: for proxies and certificates, as `TransportRules` reads them.
  public init(
    base: String = LogLookUp.publicLog, environment: [String: String],
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    self.base = base
    self.environment = environment
    self.isCancelled = isCancelled
  }

  /// Never empty. Fails at the step `log` of the recipe.
  public func entries(_ query: LogQuery) throws(VerificationFailure) -> [LogEntry] {
    let answer = try ask("api/v1/log/entries/retrieve", query.json)
    let list: [LogAnswer]
    do throws(BundleFailure) { list = try LogAnswer.list(parsing: answer) } catch {
      throw VerificationFailure(
        .log,
        LookUpFailure(
          .answerMalformed, error.detail ?? error.code.meaning, got: error.got, want: error.want, place: error.place))
    }
    guard !list.isEmpty else { throw VerificationFailure(.log, LookUpFailure(.notFound, place: base)) }
    for item in list {
      do throws(RekorFailure) { try item.entry.checkID(item.entryID) } catch { throw VerificationFailure(.log, error) }
    }
    return list.map(\.entry)
  }

  /// The hashes between two sizes of a tree (`GET /api/v1/log/proof`). Whether they prove anything is the caller's part.
  ///
  /// - Parameter tree: its id.
  func consistencyProof(from first: UInt64, to second: UInt64, tree: UInt64) throws(VerificationFailure) -> [[UInt8]] {
    let path = "api/v1/log/proof?firstSize=\(first)&lastSize=\(second)&treeID=\(tree)"
    let answer = try ask(path, nil)
    do throws(CodingFailure) {
      var hashes: [[UInt8]] = []
      for node in try JSONNode.parse(answer).field("hashes").elements(atMost: ConsistencyProof.mostHashes) {
        hashes.append(try node.hex())
      }
      return hashes
    } catch {
      throw VerificationFailure(.log, LookUpFailure(.answerMalformed, error.detail, place: error.place))
    }
  }

  /// - Parameter body: to be posted; nil for a GET.
  private func ask(_ path: String, _ body: String?) throws(VerificationFailure) -> [UInt8] {
    let answer: (response: HTTPResponse, body: [UInt8])
    do throws(TransportFailure) { answer = try exchange(path, body) } catch { throw VerificationFailure(.log, error) }
    if answer.response.isSuccess { return answer.body }
    // Another way to say that there is none.
    if answer.response.status == 404, body != nil {
      throw VerificationFailure(.log, LookUpFailure(.notFound, place: base))
    }
    throw VerificationFailure(
      .log,
      LookUpFailure(.refused, Self.message(answer.body), got: "\(answer.response.status)", want: "200", place: base))
  }

  private func exchange(
    _ path: String, _ body: String?
  ) throws(TransportFailure) -> (response: HTTPResponse, body: [UInt8]) {
    let url = try WebURL((base.hasSuffix("/") ? base : base + "/") + path)
    var rules = try TransportRules(
      plainHTTPBase: url.scheme == "http" ? url : nil, tokenOrigin: nil, userAgent: "nexo", environment: environment)
    rules.totalTimeout = 60
    rules.stallTimeout = stallTimeout
    let headers = [("Accept", "application/json")] + (body == nil ? [] : [("Content-Type", "application/json")])
    return try HTTPClient(rules: rules, isCancelled: isCancelled).get(
      HTTPRequest(url: url, headers: headers, body: body, limit: LogAnswer.limit))
  }

  /// What the server says, `{"code": number, "message": text}`; a part of it.
  private static func message(_ body: [UInt8]) -> String? {
    guard let text = try? JSONNode.parse(body).field("message").string() else { return nil }
    return String(text.prefix(200))
  }
}
