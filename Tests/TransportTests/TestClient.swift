import Support
import Synchronization
import Transport
import WireCoding

/// Rules for tests: short times, one attempt, and nothing of the environment in which the tests run.
func testRules(
  base: LoopbackServer? = nil, token: WebURL? = nil, environment: [String: String] = [:],
  _ change: (inout TransportRules) -> Void = { _ in }
) throws -> TransportRules {
  var rules = try TransportRules(
    plainHTTPBase: base.map { try WebURL($0.address()) }, tokenOrigin: token, userAgent: "nexo-test",
    environment: environment)
  rules.connectTimeout = 5
  rules.totalTimeout = 20
  rules.attempts = 1
  rules.firstBackoff = 0.01
  change(&rules)
  return rules
}

func request(_ address: String, limit: Int = 1 << 20, token: String? = nil) throws -> HTTPRequest {
  HTTPRequest(url: try WebURL(address), token: token, limit: limit)
}

/// The code with which `work` is refused; nil where it is not refused or by another error.
func refusal(_ work: () throws -> Void) -> TransportCode? { failure(work)?.code }

func failure(_ work: () throws -> Void) -> TransportFailure? {
  do { try work() } catch { return error as? TransportFailure }
  return nil
}

/// Keeps what is written and how often it had to start anew; can be told to fail.
final class RecordingSink: ByteSink {
  var bytes: [UInt8] = []
  var beginnings = 0
  var failsToBegin = false
  var failsToWrite = false

  func begin() throws(TransportFailure) {
    beginnings += 1
    bytes = []
    if failsToBegin { throw TransportFailure(.sinkFailed, "begin") }
  }

  func write(_ piece: UnsafeRawBufferPointer) throws(TransportFailure) {
    if failsToWrite { throw TransportFailure(.sinkFailed, "write") }
    bytes += piece
  }
}

/// A switch that threads share.
final class Flag: Sendable {
  private let state = Mutex(false)
  var isSet: Bool { state.withLock { $0 } }
  func set(_ value: Bool = true) { state.withLock { $0 = value } }
}

let sample = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
