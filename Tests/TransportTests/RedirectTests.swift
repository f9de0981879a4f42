import Support
import Testing
import Transport
import WireCoding

@Suite("A redirect")
struct RedirectTests {
  /// A server that leads from `/` to `location`, and answers everything else.
  private func server(leadingTo location: String, status: Int = 302) throws -> LoopbackServer {
    try LoopbackServer { $0.target == "/" ? .redirect(status, to: location) : .text($0.target) }
  }

  private func get(_ server: LoopbackServer) throws -> (response: HTTPResponse, body: [UInt8]) {
    try HTTPClient(rules: testRules(base: server)).get(request(server.address()))
  }

  @Test("is followed for these statuses", arguments: [301, 302, 303, 307, 308])
  func followed(status: Int) throws {
    let server = try server(leadingTo: "/there?a=b", status: status)
    let (response, body) = try get(server)
    #expect(response.status == 200)
    #expect(response.url.text == server.address("/there?a=b"))
    #expect(body == Array("/there?a=b".utf8))
    #expect(server.requests.map(\.method) == ["GET", "GET"])
  }

  @Test("is an answer like others for these", arguments: [300, 304, 305, 306, 309, 201])
  func notFollowed(status: Int) throws {
    let server = try server(leadingTo: "/there", status: status)
    #expect(try get(server).response.status == status)
    #expect(server.requests.count == 1)
  }

  @Test("without a place is an answer like others")
  func nowhere() throws {
    let server = try LoopbackServer { _ in .answer(302) }
    #expect(try get(server).response.status == 302)
    #expect(server.requests.count == 1)
  }

  @Test(
    "is resolved against where it came from",
    arguments: [
      ("there", "/a/there"), ("../there", "/there"), ("?x", "/a/b?x"), ("/c#part", "/c"), ("./d/../e", "/a/e"),
      ("/%2e%2e/x", nil),
    ])
  func relative(location: String, target: String?) throws {
    let server = try LoopbackServer { $0.number == 0 ? .redirect(to: location) : .text("there") }
    let client = HTTPClient(rules: try testRules(base: server))
    _ = try client.get(request(server.address("/a/b")))
    if let target { #expect(server.requests.last?.target == target) }
    #expect(server.requests.count == 2)
  }

  @Test("is followed ten times and not eleven times")
  func count() throws {
    let server = try LoopbackServer { request in
      let left = Int(request.target.dropFirst()) ?? 0
      return left == 0 ? .text("there") : .redirect(to: "/\(left - 1)")
    }
    let client = HTTPClient(rules: try testRules(base: server))
    #expect(try client.get(request(server.address("/10"))).response.status == 200)
    #expect(server.requests.count == 11)
    #expect(refusal { _ = try client.get(request(server.address("/11"))) } == .tooManyRedirects)
    #expect(server.requests.count == 22)
  }

  @Test("in a circle ends, and is not tried again")
  func circle() throws {
    let server = try LoopbackServer { _ in .redirect(to: "/") }
    let client = HTTPClient(rules: try testRules(base: server) { ($0.attempts, $0.maximumRedirects) = (3, 2) })
    #expect(refusal { _ = try client.get(request(server.address())) } == .tooManyRedirects)
    #expect(server.requests.count == 3)
  }

  @Test("to plain http at another origin is refused")
  func plainHTTP() throws {
    let other = try LoopbackServer { _ in .text("other") }
    for location in [other.address("/x"), "http://example.com/", "//127.0.0.1:\(other.port)/x"] {
      #expect(refusal { _ = try get(server(leadingTo: location)) } == .notHTTPS)
    }
    #expect(other.requests.isEmpty)
    let own = try LoopbackServer { $0.target == "/" ? .redirect(to: "//\($0.header("host") ?? "")/x") : .text("own") }
    #expect(try get(own).body == Array("own".utf8))
  }

  @Test(
    "to what is no accepted URL is refused",
    arguments: [
      "ftp://example.com/", "file:///etc/passwd", "https://user:word@example.com/", "https://user@example.com/",
      "//@example.com/", "https://example.com/a b", "/a\\b", "/ä", "https://exa<mple.com/", "https://example.com:0/",
      "javascript:alert(1)", "",
    ])
  func malformed(location: String) throws {
    #expect(refusal { _ = try get(server(leadingTo: location)) } == .badRedirect)
  }

  @Test("has a useless body, which is not kept")
  func body() throws {
    let server = try LoopbackServer { request in
      request.target == "/"
        ? .answer(302, headers: [("Location", "/there")], body: [UInt8](repeating: 65, count: 1 << 20)) : .text("there")
    }
    let sink = RecordingSink()
    let client = HTTPClient(rules: try testRules(base: server))
    #expect(try client.download(request(server.address(), limit: 5), to: sink).byteCount == 5)
    #expect(sink.bytes == Array("there".utf8))
  }

  @Test("keeps the token at its origin")
  func token() throws {
    let server = try server(leadingTo: "/there")
    let client = HTTPClient(rules: try testRules(base: server, token: WebURL(server.address())))
    _ = try client.get(request(server.address(), token: "s3cret"))
    #expect(server.requests.map { $0.header("authorization") } == ["Bearer s3cret", "Bearer s3cret"])
  }
}
