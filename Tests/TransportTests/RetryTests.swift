import Support
import Testing
import Transport
import WireCoding

@Suite("A second attempt")
struct RetryTests {
  typealias Reply = LoopbackServer.Reply

  /// What comes of a server that gives one reply after the other, and the last one for ever.
  private func run(
    _ replies: [Reply], attempts: Int = 3
  ) -> (result: Result<Int, TransportFailure>, requests: Int, sink: RecordingSink) {
    let sink = RecordingSink()
    do {
      let server = try LoopbackServer { replies[min($0.number, replies.count - 1)] }
      let client = HTTPClient(rules: try testRules(base: server) { $0.attempts = attempts })
      let wanted = try request(server.address())
      let result = Result { () throws(TransportFailure) in try client.download(wanted, to: sink).status }
      return (result, server.requests.count, sink)
    } catch {
      Issue.record(error)
      return (.success(0), 0, sink)
    }
  }

  @Test("follows a status that may pass", arguments: [500, 502, 503, 504])
  func status(_ status: Int) throws {
    let (result, requests, sink) = run([.text("bad", status: status), .text("good")])
    #expect(result == .success(200))
    #expect(requests == 2)
    #expect(sink.beginnings == 2)
    #expect(sink.bytes == Array("good".utf8))
  }

  @Test("does not follow any other", arguments: [200, 204, 400, 401, 403, 404, 408, 410, 429, 501, 505])
  func final(_ status: Int) throws {
    let (result, requests, sink) = run([.answer(status), .text("good")])
    #expect(result == .success(status))
    #expect(requests == 1)
    #expect(sink.beginnings == 1)
  }

  @Test("does not follow the last one allowed")
  func last() throws {
    for attempts in [1, 2, 3] {
      let (result, requests, sink) = run([.answer(500)], attempts: attempts)
      #expect(result == .success(500))
      #expect(requests == attempts)
      #expect(sink.beginnings == attempts)
      #expect(sink.bytes.isEmpty)
    }
  }

  @Test("starts anew after an answer that broke off")
  func truncated() throws {
    for bad in [Reply.closing(after: 100, body: sample), .raw(""), .chunked(sample, isComplete: false)] {
      let (result, requests, sink) = run([bad, .answer(body: sample)])
      #expect(result == .success(200))
      #expect(requests == 2)
      #expect(sink.bytes == sample)
      let (end, all, _) = run([bad])
      #expect(end.failure?.code == .truncated)
      #expect(all == 3)
    }
  }

  @Test("does not follow an answer that another attempt cannot mend")
  func hopeless() throws {
    for (bad, code) in [
      (Reply.announcing(1 << 30, body: []), TransportCode.tooLarge), (.raw("garbage\r\n\r\n"), .failed),
      (.redirect(to: "http://example.com/"), .notHTTPS), (.redirect(to: "ftp://example.com/"), .badRedirect),
    ] {
      let (result, requests, _) = run([bad, .text("good")])
      #expect(result.failure?.code == code)
      #expect(requests == 1)
    }
  }

  @Test(
    "waits for what the server asks for, if that is short",
    arguments: [
      (429, "0", 2), (429, "11", 1), (429, "soon", 1), (503, "0", 2), (503, "11", 1), (503, "soon", 2), (404, "0", 1),
    ])
  func retryAfter(status: Int, value: String, expected: Int) throws {
    let (result, requests, _) = run([.answer(status, headers: [("Retry-After", value)]), .text("good")])
    #expect(result == .success(expected == 2 ? 200 : status))
    #expect(requests == expected)
  }

  @Test("is not begun when the time for the whole call would pass before it")
  func total() throws {
    let server = try LoopbackServer { $0.number == 0 ? .answer(503, headers: [("Retry-After", "9")]) : .text("good") }
    let client = HTTPClient(rules: try testRules(base: server) { ($0.attempts, $0.totalTimeout) = (3, 5) })
    #expect(try client.get(request(server.address())).response.status == 503)
    #expect(server.requests.count == 1)
  }

  @Test("follows a connection that is refused, and a name that is unknown")
  func unreachable() throws {
    let server = try LoopbackServer { _ in .text("good") }
    let rules = try testRules(base: server) { $0.attempts = 3 }
    #expect(try HTTPClient(rules: rules).get(request(server.address())).response.status == 200)
    server.stop()
    let wanted = [try request(server.address()), try request("https://nowhere.invalid/")]
    for one in wanted {
      let sink = RecordingSink()
      let failure = failure { _ = try HTTPClient(rules: rules).download(one, to: sink) }
      #expect(failure?.code == .unreachable)
      #expect(failure?.detail?.isEmpty == false)
      #expect(sink.beginnings == 3)
    }
  }

  @Test("runs through the redirects again")
  func redirects() throws {
    let server = try LoopbackServer { request in
      request.target == "/" ? .redirect(to: "/there") : request.number < 2 ? .answer(502) : .text("good")
    }
    let client = HTTPClient(rules: try testRules(base: server) { $0.attempts = 2 })
    #expect(try client.get(request(server.address())).response.status == 200)
    #expect(server.requests.map(\.target) == ["/", "/there", "/", "/there"])
  }
}

extension Result {
  fileprivate var failure: Failure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}
