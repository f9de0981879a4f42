import Support
import Testing
import Transport
import WireCoding

@Suite("A body")
struct BodyTests {
  typealias Reply = LoopbackServer.Reply

  private func get(_ reply: Reply, limit: Int = 1 << 20) throws -> (response: HTTPResponse, body: [UInt8]) {
    let server = try LoopbackServer { _ in reply }
    return try HTTPClient(rules: testRules(base: server)).get(request(server.address(), limit: limit))
  }

  @Test("may have exactly as many bytes as the limit, however they are framed")
  func limit() throws {
    for reply in [
      Reply.answer(body: sample), .chunked(sample),
      .raw("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "a", count: sample.count)),
    ] {
      #expect(try get(reply, limit: sample.count).response.byteCount == sample.count)
      #expect(refusal { _ = try get(reply, limit: sample.count - 1) } == .tooLarge)
    }
    #expect(try get(.answer(body: sample)).body == sample)
    #expect(try get(.chunked(sample)).body == sample)
    #expect(try get(.answer(), limit: 0).body == [])
    #expect(refusal { _ = try get(.text("a"), limit: 0) } == .tooLarge)
  }

  @Test("that is announced as too large is refused before it comes")
  func announced() throws {
    // Nothing of the body is ever sent: waiting for it would end in a timeout.
    let head = "HTTP/1.1 200 OK\r\nContent-Length: "
    let server = try LoopbackServer { request in
      request.target == "/small" ? .announcing(3, body: Array("abc".utf8)) : .announcing(101, body: [])
    }
    let sink = RecordingSink()
    let client = HTTPClient(rules: try testRules(base: server))
    let failure = failure { _ = try client.download(request(server.address("/"), limit: 100), to: sink) }
    #expect(failure?.code == .tooLarge)
    #expect(failure?.got == "101")
    #expect(failure?.want == "at most 100")
    #expect(try client.download(request(server.address("/small"), limit: 100), to: sink).byteCount == 3)
    #expect(refusal { _ = try get(.raw(head + "99999999999999999999999\r\n\r\n"), limit: 100) } == .tooLarge)
    #expect(refusal { _ = try get(.raw(head + "-1\r\n\r\nabc"), limit: 100) } == .failed)
    #expect(refusal { _ = try get(.raw(head + "3\r\nContent-Length: 4\r\n\r\nabcd"), limit: 100) } == .failed)
    #expect(try get(.raw(head + "3\r\nContent-Length: 3\r\n\r\nabc"), limit: 100).body == Array("abc".utf8))
  }

  @Test("that never ends is refused at the limit")
  func endless() throws {
    #expect(refusal { _ = try get(.endless(), limit: 1 << 20) } == .tooLarge)
  }

  @Test("that ends early is refused")
  func truncated() throws {
    #expect(refusal { _ = try get(.closing(after: sample.count - 1, body: sample)) } == .truncated)
    #expect(refusal { _ = try get(.announcing(sample.count + 1, body: sample)) } == .truncated)
    #expect(refusal { _ = try get(.chunked(sample, isComplete: false)) } == .truncated)
    let head = "HTTP/1.1 200 OK\r\nX-A: a\r\n"
    for piece in [head, head + "X-", head + "\r", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 103 Early\r\n\r\n"] {
      #expect(refusal { _ = try get(.raw(piece)) } == .truncated)
    }
    #expect(try get(.raw(head + "\r\n")).response.status == 200)
    #expect(refusal { _ = try get(.raw("")) } == .truncated)
    #expect(try get(.closing(after: sample.count, body: sample)).body == sample)
  }

  @Test("has no more bytes than announced")
  func surplus() throws {
    #expect(try get(.announcing(4, body: Array("abcdef".utf8))).body == Array("abcd".utf8))
  }

  @Test("is not decompressed")
  func encoded() throws {
    let reply = Reply.answer(headers: [("Content-Encoding", "gzip")], body: sample)
    #expect(try get(reply).body == sample)
  }

  @Test("goes to the sink for a status in the two hundreds only")
  func statuses() throws {
    let server = try LoopbackServer { request in
      .text("text", status: Int(request.target.dropFirst()) ?? 0)
    }
    let client = HTTPClient(rules: try testRules(base: server))
    for (status, isKept) in [(200, true), (203, true), (299, true), (300, false), (404, false), (500, false)] {
      let sink = RecordingSink()
      let response = try client.download(request(server.address("/\(status)")), to: sink)
      #expect(response.status == status)
      #expect(response.isSuccess == isKept)
      #expect(sink.bytes == (isKept ? Array("text".utf8) : []))
      #expect(response.byteCount == sink.bytes.count)
    }
    #expect(try client.get(request(server.address("/404"))).body == Array("text".utf8))
    #expect(try client.get(request(server.address("/404"), limit: 2)).body == Array("te".utf8))
  }

  @Test("of an error is cut off instead of being refused")
  func errorBody() throws {
    let server = try LoopbackServer { _ in .endless(status: 404) }
    let client = HTTPClient(rules: try testRules(base: server))
    let sink = RecordingSink()
    #expect(try client.download(request(server.address(), limit: 10), to: sink).status == 404)
    #expect(sink.bytes.isEmpty)
    let (response, body) = try client.get(request(server.address()))
    #expect(response.status == 404)
    #expect(body == [UInt8](repeating: UInt8(ascii: "e"), count: 64 << 10))
  }

  @Test("that the sink does not take ends the download")
  func sink() throws {
    let server = try LoopbackServer { _ in .text("hello") }
    let client = HTTPClient(rules: try testRules(base: server) { $0.attempts = 3 })
    let sink = RecordingSink()
    sink.failsToWrite = true
    let atWrite = failure { _ = try client.download(request(server.address()), to: sink) }
    #expect(atWrite?.code == .sinkFailed)
    #expect(atWrite?.detail == "write")
    #expect(server.requests.count == 1)
    sink.failsToBegin = true
    #expect(failure { _ = try client.download(request(server.address()), to: sink) }?.detail == "begin")
    #expect(server.requests.count == 1)
    sink.failsToBegin = false
    sink.failsToWrite = false
    #expect(try client.download(request(server.address()), to: sink).byteCount == 5)
  }

  @Test("is told about while it comes")
  func progress() throws {
    let server = try LoopbackServer { request in
      request.target == "/chunked" ? .chunked(sample) : .answer(body: sample)
    }
    let client = HTTPClient(rules: try testRules(base: server))
    for (path, announced) in [("/", sample.count), ("/chunked", nil)] {
      var told: [(received: Int, announced: Int?)] = []
      let sink = RecordingSink()
      _ = try client.download(request(server.address(path)), to: sink) { told.append(($0, $1)) }
      #expect(told.last?.received == sample.count)
      #expect(told.allSatisfy { $0.announced == announced })
      #expect(told.map(\.received) == told.map(\.received).sorted())
      #expect(sink.bytes == sample)
    }
  }

  @Test("does not let its sink use the client that fills it")
  func reentrance() throws {
    let server = try LoopbackServer { _ in .text("hello") }
    let client = HTTPClient(rules: try testRules(base: server))
    var inner: TransportFailure?
    _ = try client.download(request(server.address()), to: RecordingSink()) { _, _ in
      inner = failure { _ = try client.get(request(server.address())) }
    }
    #expect(inner?.code == .failed)
    // libcurl would refuse it too, after the handle was reset under the running transfer.
    #expect(inner?.detail == "the client is in use")
    #expect(try client.get(request(server.address())).response.status == 200)
  }
}

@Suite("The head of an answer")
struct HeadTests {
  private func get(_ raw: String) throws -> HTTPResponse {
    let server = try LoopbackServer { _ in .raw(raw) }
    return try HTTPClient(rules: testRules(base: server)).get(request(server.address())).response
  }

  @Test("is the first value of each name, without blanks")
  func names() throws {
    let response = try get("HTTP/1.1 200 OK\r\nX-A:  one \r\nx-a: two\r\nX-B:\r\n\r\n")
    #expect(response.header("X-a") == "one")
    #expect(response.header("x-b") == "")
    #expect(refusal { _ = try get("HTTP/1.1 200 OK\r\nX-A: one\r\nnonsense\r\n\r\n") } == .failed)
  }

  @Test("is that of the final answer, not of an interim one or a trailer")
  func interim() throws {
    let response = try get(
      "HTTP/1.1 103 Early\r\nX-A: early\r\n\r\nHTTP/1.1 200 OK\r\nX-B: b\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "1\r\na\r\n0\r\nX-C: late\r\n\r\n")
    #expect(response.status == 200)
    #expect(response.header("x-a") == nil)
    #expect(response.header("x-b") == "b")
    #expect(response.header("x-c") == nil)
    #expect(response.byteCount == 1)
  }

  @Test("has at most 200 headers")
  func count() throws {
    func lines(_ count: Int) -> String { (0..<count).map { "X-\($0): a\r\n" }.joined() }
    #expect(try get("HTTP/1.1 200 OK\r\n\(lines(200))\r\n").headers.count == 200)
    #expect(refusal { _ = try get("HTTP/1.1 200 OK\r\n\(lines(201))\r\n") } == .tooLarge)
  }

  @Test("has at most 64 KiB, interim answers included")
  func size() throws {
    let begin = "HTTP/1.1 200 OK\r\nX: "
    let room = (64 << 10) - begin.utf8.count - 4
    func head(_ count: Int) -> String { begin + String(repeating: "a", count: count) + "\r\n\r\n" }
    #expect(try get(head(room)).header("x")?.utf8.count == room)
    #expect(refusal { _ = try get(head(room + 1)) } == .tooLarge)
    let interim = "HTTP/1.1 103 Early\r\n\r\n"
    #expect(try get(interim + head(1000)).status == 200)
    #expect(refusal { _ = try get(String(repeating: interim, count: 4000) + head(1000)) } == .tooLarge)
  }

  @Test(
    "begins with a status line",
    arguments: [
      "hello\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 000 OK\r\n\r\n", "HTTP/1.1 999 OK\r\n\r\n",
      "\r\n\r\nhello",
    ])
  func garbage(raw: String) throws {
    #expect(try get("HTTP/1.1 200 OK\r\n\r\n").status == 200)
    #expect(refusal { _ = try get(raw) } == .failed)
  }
}
