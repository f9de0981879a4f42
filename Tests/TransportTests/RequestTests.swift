import Support
import Testing
import Transport
import WireCoding

@Suite("A request")
struct RequestTests {
  @Test("is a GET with the caller's headers and no others that matter")
  func plain() throws {
    let server = try LoopbackServer { _ in .text("hello") }
    var wanted = try request(server.address("/a/b?c=d"))
    wanted.headers = [("Accept", "text/x"), ("X-Empty", ""), ("X-Tab", "a\tb")]
    let (response, body) = try HTTPClient(rules: testRules(base: server)).get(wanted)
    #expect(response.status == 200)
    #expect(body == Array("hello".utf8))
    #expect(response.byteCount == 5)
    #expect(response.header("CONTENT-type") == "text/plain")
    #expect(response.url.text == server.address("/a/b?c=d"))
    let seen = try #require(server.requests.first)
    #expect(seen.method == "GET")
    #expect(seen.target == "/a/b?c=d")
    #expect(seen.header("accept") == "text/x")
    #expect(seen.header("x-empty") == "")
    #expect(seen.header("x-tab") == "a\tb")
    #expect(seen.header("user-agent") == "nexo-test")
    #expect(seen.header("accept-encoding") == nil)
    #expect(seen.header("cookie") == nil)
    #expect(seen.header("authorization") == nil)
  }

  @Test(
    "carries no header that breaks the line or belongs to the client",
    arguments: [
      ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\rb"), ("X", "a\u{0}b"), ("X", "ä"), ("X\r\nY", "a"), ("", "a"),
      ("X Y", "a"), ("X:", "a"), ("Ä", "a"), ("Authorization", "Bearer x"), ("COOKIE", "a=b"), ("host", "evil.example"),
      ("Proxy-Authorization", "x"), ("Accept-Encoding", "gzip"), ("Range", "bytes=0-1"), ("Content-Length", "1"),
      ("Transfer-Encoding", "chunked"), ("Connection", "close"),
    ])
  func badHeader(name: String, value: String) throws {
    let server = try LoopbackServer { _ in .text("hello") }
    let client = HTTPClient(rules: try testRules(base: server))
    var wanted = try request(server.address())
    wanted.headers = [("X-Good", "a"), (name, value)]
    #expect(refusal { _ = try client.get(wanted) } == .badHeader)
    #expect(server.requests.isEmpty)
    wanted.headers.removeLast()
    #expect(try client.get(wanted).response.status == 200)
  }

  @Test("sends the token to its origin and to no other")
  func token() throws {
    let server = try LoopbackServer { _ in .text("hello") }
    let other = try WebURL("http://127.0.0.1:1/")
    let own = try WebURL(server.address("/elsewhere"))
    for (origin, expected) in [(own, "Bearer s3cret"), (other, nil), (nil, nil)] {
      let client = HTTPClient(rules: try testRules(base: server, token: origin))
      _ = try client.get(request(server.address(), token: "s3cret"))
      #expect(server.requests.last?.header("authorization") == expected)
    }
    #expect(server.requests.count == 3)
  }

  @Test("carries no token that could be more than one word", arguments: ["", "a b", "a\r\nX: y", "a\n", "ä", "a\u{0}"])
  func badToken(token: String) throws {
    let server = try LoopbackServer { _ in .text("hello") }
    let client = HTTPClient(rules: try testRules(base: server, token: WebURL(server.address())))
    let failure = failure { _ = try client.get(request(server.address(), token: token)) }
    #expect(failure?.code == .badHeader)
    #expect(failure?.got == nil)
    #expect(server.requests.isEmpty)
    #expect(try client.get(request(server.address(), token: "ab")).response.status == 200)
  }

  @Test("goes over plain http to the base only")
  func plainHTTP() throws {
    let server = try LoopbackServer { _ in .text("hello") }
    #expect(try HTTPClient(rules: testRules(base: server)).get(request(server.address())).response.status == 200)
    let noBase = HTTPClient(rules: try testRules())
    #expect(refusal { _ = try noBase.get(request(server.address())) } == .notHTTPS)
    // Another host and another port, although they are the same machine.
    let client = HTTPClient(rules: try testRules(base: server))
    #expect(refusal { _ = try client.get(request(server.address(host: "localhost"))) } == .notHTTPS)
    let other = try LoopbackServer { _ in .text("hello") }
    #expect(refusal { _ = try client.get(request(other.address())) } == .notHTTPS)
    #expect(server.requests.count == 1)
    #expect(other.requests.isEmpty)
  }

  @Test("has a base for plain http on a loopback host only")
  func base() throws {
    for host in ["127.0.0.1", "localhost", "[::1]"] {
      #expect(try TransportRules(plainHTTPBase: WebURL("http://\(host):8080/")).plainHTTPBase?.host == host)
    }
    #expect(refusal { _ = try TransportRules(plainHTTPBase: WebURL("http://example.com/")) } == .notHTTPS)
    #expect(refusal { _ = try TransportRules(plainHTTPBase: WebURL("https://localhost/")) } == .badURL)
  }

  @Test("uses the connection of the request before")
  func reuse() throws {
    let server = try LoopbackServer { _ in .text("hello") }
    let client = HTTPClient(rules: try testRules(base: server))
    for _ in 0..<3 { _ = try client.get(request(server.address())) }
    #expect(server.requests.count == 3)
    #expect(server.connectionCount == 1)
  }

  @Test("names the URL without its query in a failure")
  func place() throws {
    let server = try LoopbackServer { _ in .text("hello") }
    let client = HTTPClient(rules: try testRules(base: server))
    let failure = failure { _ = try client.get(request(server.address("/a?signature=s3cret"), limit: 1)) }
    #expect(failure?.place == server.address("/a"))
    #expect(refusal { _ = try client.get(request(server.address("/a"), limit: 1)) } == .tooLarge)
  }
}
