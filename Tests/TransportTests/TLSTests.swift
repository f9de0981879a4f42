import Support
import Testing
import Transport
import WireCoding

private let names = ["DNS:localhost", "DNS:api.example.test", "DNS:files.example.test"]

@Suite("Over TLS")
struct TLSTests {
  let authority: LoopbackTLS.Authority
  let trust: [String: String]

  init() throws {
    authority = try LoopbackTLS.Authority(names: names)
    trust = ["SSL_CERT_FILE": authority.file]
  }

  @Test("a server is believed whose authority the environment names")
  func accepted() throws {
    let tls = try LoopbackTLS(authority, files: ["a": sample])
    let client = HTTPClient(rules: try testRules(environment: trust))
    let (response, body) = try client.get(request(tls.address("/a")))
    #expect(response.status == 200)
    #expect(body == sample)
    let folder = HTTPClient(rules: try testRules(environment: ["SSL_CERT_DIR": authority.hashedFolder()]))
    #expect(try folder.get(request(tls.address("/a"))).body == sample)
    let empty = HTTPClient(rules: try testRules(environment: ["SSL_CERT_DIR": "/nowhere"]))
    #expect(refusal { _ = try empty.get(request(tls.address("/a"))) } == .tlsFailed)
  }

  @Test("a server of an unknown authority is refused, and not asked again")
  func unknown() throws {
    let tls = try LoopbackTLS(authority, files: ["a": sample])
    let sink = RecordingSink()
    for environment in [[:], ["SSL_CERT_FILE": ""], ["SSL_CERT_FILE": "/nowhere.pem"]] {
      let client = HTTPClient(rules: try testRules(environment: environment) { $0.attempts = 3 })
      sink.beginnings = 0
      let failure = failure { _ = try client.download(request(tls.address("/a")), to: sink) }
      #expect(failure?.code == .tlsFailed)
      #expect(failure?.detail?.isEmpty == false)
      #expect(sink.beginnings == 1)
    }
    let client = HTTPClient(rules: try testRules(environment: trust))
    #expect(try client.get(request(tls.address("/a"))).response.status == 200)
  }

  @Test("a server with a certificate for another name is refused")
  func otherName() throws {
    let tls = try LoopbackTLS(authority, files: ["a": sample])
    let client = HTTPClient(rules: try testRules(environment: trust))
    #expect(refusal { _ = try client.get(request(tls.address("/a", host: "127.0.0.1"))) } == .tlsFailed)
    #expect(try client.get(request(tls.address("/a", host: "localhost"))).response.status == 200)
  }

  @Test("a server that speaks TLS 1.1 only is refused")
  func oldVersion() throws {
    let old = try LoopbackTLS(authority, files: ["a": sample], protocols: "TLSv1.1")
    // It does speak it.
    let said = try LoopbackTLS.run(
      "openssl", ["s_client", "-connect", "127.0.0.1:\(old.port)", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
    #expect(said.contains("TLSv1.1"))
    let client = HTTPClient(rules: try testRules(environment: trust))
    #expect(refusal { _ = try client.get(request(old.address("/a"))) } == .tlsFailed)
    let new = try LoopbackTLS(authority, files: ["a": sample], protocols: "TLSv1.2")
    #expect(try client.get(request(new.address("/a"))).response.status == 200)
  }

  @Test("a server that speaks no TLS is refused")
  func noTLS() throws {
    let plain = try LoopbackServer { _ in .text("hello") }
    let client = HTTPClient(rules: try testRules(environment: trust))
    #expect(refusal { _ = try client.get(request("https://localhost:\(plain.port)/")) } == .tlsFailed)
  }

  @Test("a redirect to plain http is refused, also to the base")
  func downgrade() throws {
    let base = try LoopbackServer { _ in .text("hello") }
    let other = try LoopbackServer { _ in .text("hello") }
    let tls = try LoopbackTLS(
      authority, files: ["a": sample],
      locations: """
        location /base { return 302 \(base.address("/x")); }
        location /other { return 302 \(other.address("/x")); }
        location /good { return 302 /a; }
        """)
    let client = HTTPClient(rules: try testRules(base: base, environment: trust))
    #expect(refusal { _ = try client.get(request(tls.address("/base"))) } == .badRedirect)
    #expect(refusal { _ = try client.get(request(tls.address("/other"))) } == .notHTTPS)
    #expect(base.requests.isEmpty && other.requests.isEmpty)
    #expect(try client.get(request(tls.address("/good"))).body == sample)
  }

  @Test("the token is lost on the way from its origin to another, and stays lost")
  func token() throws {
    let echo = "location /echo { add_header X-Seen $http_authorization; return 200; }"
    let second = try LoopbackTLS(authority, locations: echo)
    let base = try LoopbackServer { request in
      request.target == "/away" ? .redirect(to: "https://localhost:\(second.port)/echo") : .text("here")
    }
    let client = HTTPClient(
      rules: try testRules(base: base, token: WebURL(base.address()), environment: trust))
    let away = try client.get(request(base.address("/away"), token: "s3cret")).response
    #expect(base.requests.last?.header("authorization") == "Bearer s3cret")
    #expect(away.url.port == second.port)
    #expect(away.header("x-seen") == nil)
    // The same server shows a token that is meant for it, and none that is not.
    let own = HTTPClient(rules: try testRules(token: WebURL(second.address()), environment: trust))
    #expect(try own.get(request(second.address("/echo"), token: "s3cret")).response.header("x-seen") == "Bearer s3cret")

    let back = try LoopbackTLS(
      authority, locations: "location /back { return 302 \(second.address("/echo")); }")
    let start = try LoopbackTLS(
      authority, locations: echo + "location /out { return 302 \(back.address("/back")); }")
    let returning = HTTPClient(rules: try testRules(token: WebURL(second.address()), environment: trust))
    let end = try returning.get(request(start.address("/out"), token: "s3cret")).response
    #expect(end.url.port == second.port)
    #expect(end.header("x-seen") == nil)
  }

  @Test("a large file comes whole")
  func large() throws {
    let bytes = (0..<(6 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    let tls = try LoopbackTLS(authority, files: ["large": bytes])
    let client = HTTPClient(rules: try testRules(environment: trust))
    let sink = RecordingSink()
    let wanted = try request(tls.address("/large"), limit: bytes.count)
    #expect(try client.download(wanted, to: sink).byteCount == bytes.count)
    #expect(sink.bytes == bytes)
    #expect(refusal { _ = try client.get(request(tls.address("/large"), limit: bytes.count - 1)) } == .tooLarge)
  }
}

@Suite("Through a proxy")
struct ProxyTests {
  let authority: LoopbackTLS.Authority
  let trust: [String: String]

  init() throws {
    authority = try LoopbackTLS.Authority(names: names)
    trust = ["SSL_CERT_FILE": authority.file]
  }

  /// A proxy that leads every host to one server of this machine: so a test has public names.
  private func proxy(to tls: LoopbackTLS) throws -> LoopbackServer {
    let port = tls.port
    return try LoopbackServer { $0.method == "CONNECT" ? .tunnel(toPort: port) : .answer(400) }
  }

  @Test("goes https, by the variables of the environment")
  func variables() throws {
    let tls = try LoopbackTLS(authority, files: ["a": sample])
    let proxy = try proxy(to: tls)
    for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
      let environment = trust.merging([name: proxy.address()]) { $1 }
      let client = HTTPClient(rules: try testRules(token: WebURL("https://api.example.test"), environment: environment))
      let wanted = try request("https://api.example.test/a", token: "s3cret")
      #expect(try client.get(wanted).body == sample)
    }
    #expect(proxy.requests.map(\.target) == [String](repeating: "api.example.test:443", count: 4))
    #expect(proxy.requests.allSatisfy { $0.header("authorization") == nil })
  }

  @Test("does not go what NO_PROXY or another scheme excludes", arguments: ["no_proxy", "NO_PROXY"])
  func exceptions(name: String) throws {
    let tls = try LoopbackTLS(authority, files: ["a": sample])
    let proxy = try proxy(to: tls)
    let environment = trust.merging(["https_proxy": proxy.address()]) { $1 }
    let wanted = try request("https://api.example.test/a")
    for (value, code) in [("example.test", TransportCode.unreachable), ("*", .unreachable), ("example.org", nil)] {
      let rules = try testRules(environment: environment.merging([name: value]) { $1 })
      #expect(refusal { _ = try HTTPClient(rules: rules).get(wanted) } == code)
    }
    #expect(proxy.requests.count == 1)
    let other = try testRules(environment: ["http_proxy": proxy.address(), "HTTP_PROXY": proxy.address()])
    #expect(refusal { _ = try HTTPClient(rules: other).get(wanted) } == .unreachable)
    #expect(proxy.requests.count == 1)
  }

  @Test("goes nothing to a loopback host")
  func loopback() throws {
    let tls = try LoopbackTLS(authority, files: ["a": sample])
    let proxy = try proxy(to: tls)
    let base = try LoopbackServer { _ in .text("hello") }
    let environment = trust.merging(["all_proxy": proxy.address(), "http_proxy": proxy.address()]) { $1 }
    let client = HTTPClient(rules: try testRules(base: base, environment: environment))
    #expect(try client.get(request(base.address())).response.status == 200)
    #expect(try client.get(request(tls.address("/a"))).response.status == 200)
    #expect(proxy.requests.isEmpty)
    #expect(try client.get(request("https://api.example.test/a")).response.status == 200)
    #expect(proxy.requests.count == 1)
  }

  @Test("does not follow a server from outside to this machine")
  func outside() throws {
    let base = try LoopbackServer { _ in .text("hello") }
    let inside = try LoopbackTLS(authority, files: ["a": sample])
    let tls = try LoopbackTLS(
      authority, files: ["a": sample],
      locations: """
        location /base { return 302 \(base.address("/x")); }
        location /inside { return 302 \(inside.address("/a")); }
        location /plain { return 302 http://files.example.test/a; }
        location /good { return 302 https://files.example.test/a; }
        """)
    let proxy = try proxy(to: tls)
    let environment = trust.merging(["https_proxy": proxy.address()]) { $1 }
    let client = HTTPClient(rules: try testRules(base: base, environment: environment))
    #expect(refusal { _ = try client.get(request("https://api.example.test/base")) } == .badRedirect)
    #expect(refusal { _ = try client.get(request("https://api.example.test/inside")) } == .badRedirect)
    #expect(refusal { _ = try client.get(request("https://api.example.test/plain")) } == .notHTTPS)
    #expect(base.requests.isEmpty)
    #expect(try client.get(request("https://api.example.test/good")).response.url.host == "files.example.test")
    #expect(try client.get(request(base.address())).response.status == 200)
    #expect(try client.get(request(inside.address("/a"))).response.status == 200)
  }

  @Test("that refuses ends in `unreachable`; its trouble is tried again", arguments: [(403, 1), (407, 1), (502, 3)])
  func refused(status: Int, attempts: Int) throws {
    let proxy = try LoopbackServer { _ in .text("no", status: status) }
    let rules = try testRules(environment: ["https_proxy": proxy.address()]) { $0.attempts = 3 }
    #expect(refusal { _ = try HTTPClient(rules: rules).get(request("https://api.example.test/a")) } == .unreachable)
    #expect(proxy.requests.count == attempts)
  }
}
