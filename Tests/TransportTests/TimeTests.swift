import Foundation
import Support
import Testing
import Transport
import WireCoding

@Suite("Waiting")
struct TimeTests {
  @Test("for an answer ends with the time for the whole call")
  func total() throws {
    let server = try LoopbackServer { $0.target == "/good" ? .text("good") : .silence }
    let client = HTTPClient(rules: try testRules(base: server) { ($0.totalTimeout, $0.attempts) = (0.3, 3) })
    #expect(refusal { _ = try client.get(request(server.address())) } == .timeout)
    #expect(server.requests.count == 1)
    #expect(try client.get(request(server.address("/good"))).response.status == 200)
  }

  @Test("for a body ends with the time for the whole call, even though it comes")
  func slow() throws {
    let server = try LoopbackServer { _ in .dripping(interval: 0.01, body: sample) }
    let client = HTTPClient(rules: try testRules(base: server) { $0.totalTimeout = 0.3 })
    #expect(refusal { _ = try client.get(request(server.address())) } == .timeout)
  }

  @Test("ends when too few bytes come")
  func stalled() throws {
    let body = [UInt8](repeating: 1, count: 60)
    let server = try LoopbackServer { request in
      switch request.target {
      case "/silent": .silence
      case "/slow": .dripping(interval: 0.2, body: body)
      default: .dripping(interval: 0.02, body: body)
      }
    }
    let client = HTTPClient(rules: try testRules(base: server) { ($0.stallTimeout, $0.attempts) = (1, 3) })
    #expect(refusal { _ = try client.get(request(server.address("/silent"))) } == .timeout)
    #expect(refusal { _ = try client.get(request(server.address("/slow"))) } == .timeout)
    #expect(server.requests.count == 2)
    #expect(try client.get(request(server.address("/steady"))).body == body)
  }

  @Test("for a connection ends, and is tried again")
  func connection() throws {
    // The proxy takes the connection and says nothing: TLS is never reached.
    let proxy = try LoopbackServer { _ in .silence }
    let rules = try testRules(environment: ["https_proxy": proxy.address()]) {
      ($0.connectTimeout, $0.attempts) = (0.2, 2)
    }
    #expect(refusal { _ = try HTTPClient(rules: rules).get(request("https://example.test/")) } == .timeout)
    #expect(proxy.requests.count == 2)
  }

  @Test("ends when the user cancels while a body drips")
  func cancelledInBody() throws {
    let server = try LoopbackServer { _ in .dripping(interval: 0.05, body: sample) }
    let flag = Flag()
    let client = HTTPClient(rules: try testRules(base: server) { $0.attempts = 3 }, isCancelled: { flag.isSet })
    let code = refusal {
      _ = try client.download(request(server.address()), to: RecordingSink()) { received, _ in
        if received >= 2 { flag.set() }
      }
    }
    #expect(code == .cancelled)
    #expect(server.requests.count == 1)
  }

  @Test("ends when the user cancels while nothing comes")
  func cancelledInSilence() throws {
    let flag = Flag()
    let server = try LoopbackServer { _ in
      flag.set()
      return .silence
    }
    let client = HTTPClient(rules: try testRules(base: server), isCancelled: { flag.isSet })
    #expect(refusal { _ = try client.get(request(server.address())) } == .cancelled)
  }

  @Test("ends when the user cancels between two attempts")
  func cancelledInBackoff() throws {
    let flag = Flag()
    let server = try LoopbackServer { _ in .answer(500) }
    let rules = try testRules(base: server) { ($0.attempts, $0.firstBackoff) = (2, 3) }
    let client = HTTPClient(rules: rules, isCancelled: { flag.isSet })
    Thread.detachNewThread {
      while server.requests.isEmpty { usleep(10_000) }
      usleep(200_000)
      flag.set()
      // Who looks only before the second attempt misses it.
      usleep(1_000_000)
      flag.set(false)
    }
    #expect(refusal { _ = try client.get(request(server.address())) } == .cancelled)
    #expect(server.requests.count == 1)
  }

  @Test("does not begin once the user has cancelled")
  func cancelledBefore() throws {
    let server = try LoopbackServer { _ in .text("good") }
    let sink = RecordingSink()
    let client = HTTPClient(rules: try testRules(base: server), isCancelled: { true })
    #expect(refusal { _ = try client.download(request(server.address()), to: sink) } == .cancelled)
    #expect(sink.beginnings == 0)
    #expect(server.requests.isEmpty)
  }

  @Test("takes no sense of times that are none", arguments: [0, -1, Double.nan, -Double.infinity])
  func nonsense(seconds: Double) throws {
    let server = try LoopbackServer { _ in .silence }
    let client = HTTPClient(
      rules: try testRules(base: server) {
        ($0.totalTimeout, $0.connectTimeout, $0.stallTimeout, $0.firstBackoff) = (seconds, seconds, seconds, seconds)
      })
    #expect(refusal { _ = try client.get(request(server.address())) } == .timeout)
    let good = try LoopbackServer { _ in .text("good") }
    let endless = Double.infinity
    let patient = HTTPClient(
      rules: try testRules(base: good) {
        ($0.totalTimeout, $0.connectTimeout, $0.stallTimeout, $0.firstBackoff) = (endless, endless, endless, endless)
      })
    #expect(try patient.get(request(good.address())).response.status == 200)
  }
}
