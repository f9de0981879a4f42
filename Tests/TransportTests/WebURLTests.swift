import Testing
import Transport
import WireCoding

@Suite("An accepted URL")
struct WebURLTests {
  @Test(
    "is absolute http or https, in the form that libcurl writes",
    arguments: [
      ("https://example.com", "https://example.com/", "example.com", 443, "/"),
      ("https://example.com/a/b?c=d%20e", "https://example.com/a/b?c=d%20e", "example.com", 443, "/a/b"),
      ("HTTPS://Example.COM:8443/A", "https://Example.COM:8443/A", "Example.COM", 8443, "/A"),
      ("http://127.0.0.1:80/x", "http://127.0.0.1:80/x", "127.0.0.1", 80, "/x"),
      ("https://[::1]:1/", "https://[::1]:1/", "[::1]", 1, "/"),
      ("https://a_b-c.d.:65535/", "https://a_b-c.d.:65535/", "a_b-c.d.", 65535, "/"),
      ("https://example.com/a/../b/./c", "https://example.com/b/c", "example.com", 443, "/b/c"),
      ("https://example.com/a@b", "https://example.com/a@b", "example.com", 443, "/a@b"),
      ("https://example.com?q", "https://example.com/?q", "example.com", 443, "/"),
      // A number is an address: what is compared later is what will be connected to.
      ("https://0x7f.1/", "https://127.0.0.1/", "127.0.0.1", 443, "/"),
    ])
  func accepted(text: String, written: String, host: String, port: Int, path: String) throws {
    let url = try WebURL(text)
    #expect(url.text == written)
    #expect(url.host == host)
    #expect(url.port == port)
    #expect(url.path == path)
    #expect(text.lowercased().hasPrefix(url.scheme + ":"))
    #expect(try WebURL(url.text) == url)
  }

  @Test(
    "is not any of these",
    arguments: [
      "", "example.com", "//example.com/", "/a", "ftp://example.com/", "file:///etc/passwd", "httpsx://example.com/",
      "https:example.com", "https:/example.com/", "https:///example.com/", "https://", "https:///", "https://:443/",
      "https://user@example.com/", "https://user:word@example.com/", "https://@example.com/", "https://:@example.com/",
      "https://example.com/#part", "https://example.com/#", "https://example.com:0/", "https://example.com:65536/",
      "https://example.com:/x y", "https://example.com:-1/", "https://example.com:44a/", " https://example.com/",
      "https://example.com/ ", "https://exa mple.com/", "https://example.com/\n", "https://example.com/\r\nX: y",
      "https://example.com/\t", "https://example.com/\u{0}", "https://example.com/\u{7f}",
      "https://example.com\\@evil.com/",
      "https://example.com/a\\b", "https://exämple.com/", "https://example.com/ä", "https://exam%70le.com%2f.evil.com/",
      "https://[::1/",
      "https://[::1%25eth0]/", "https://[v1.a]/", "https://exa<mple.com/", "https://exa\"mple.com/",
      "https://exa'mple.com/", "https://example.com,evil.com/", "https://exa!mple.com/", "https://exa;mple.com/",
      "https://exa+mple.com/", "https://exa(mple).com/", "https://exa~mple.com/", "https://exa&mple.com/",
      "https://exa%7Cmple.com/",
    ])
  func refused(text: String) {
    #expect(refusal { _ = try WebURL(text) } == .badURL)
  }

  @Test("is at most 8 KiB long")
  func length() throws {
    let begin = "https://example.com/"
    let longest = begin + String(repeating: "a", count: 8192 - begin.utf8.count)
    #expect(try WebURL(longest).text == longest)
    #expect(refusal { _ = try WebURL(longest + "a") } == .badURL)
  }

  @Test(
    "is loopback as it is written only",
    arguments: [
      ("localhost", true), ("LOCALHOST", true), ("127.0.0.1", true), ("127.255.0.9", true), ("[::1]", true),
      ("localhost.", false), ("localhost.example.com", false), ("127.0.0.1.example.com", false), ("128.0.0.1", false),
      ("10.0.0.1", false), ("[::2]", false), ("127.example.com", false), ("example.com", false),
    ])
  func loopback(host: String, expected: Bool) throws {
    #expect(try WebURL("https://\(host)/").isLoopback == expected)
  }

  @Test(
    "has the origin of another with the same scheme, host and port",
    arguments: [
      ("https://example.com/a", "https://EXAMPLE.com:443/b?c", true),
      ("https://example.com/", "http://example.com:443/", false),
      ("https://example.com/", "https://example.com:444/", false),
      ("https://example.com/", "https://example.com./", false),
      ("https://example.com/", "https://www.example.com/", false),
      ("http://localhost/", "http://127.0.0.1/", false),
    ])
  func origin(one: String, other: String, expected: Bool) throws {
    #expect(try WebURL(one).hasSameOrigin(as: WebURL(other)) == expected)
    #expect(try WebURL(other).hasSameOrigin(as: WebURL(one)) == expected)
  }

  @Test("takes further segments, each percent-encoded")
  func segments() throws {
    let base = try WebURL("https://api.example.com/v3/")
    #expect(try base.appending(segments: []).text == "https://api.example.com/v3/")
    #expect(try base.appending(segments: ["repos", "a-b._~9"]).text == "https://api.example.com/v3/repos/a-b._~9")
    #expect(try WebURL("https://h/v3").appending(segments: ["x"]).text == "https://h/v3/x")
    #expect(
      try base.appending(segments: ["a/b", "c?d#e", "f%2f", "g h", "ä", "...", "\\", "\u{0}\r\n"]).text
        == "https://api.example.com/v3/a%2Fb/c%3Fd%23e/f%252f/g%20h/%C3%A4/.../%5C/%00%0D%0A")
    #expect(
      try base.appending(segments: ["x"], query: [(name: "a&b", value: "c=d e"), (name: "p", value: "")]).text
        == "https://api.example.com/v3/x?a%26b=c%3Dd%20e&p=")
  }

  @Test("takes no segment that would change those before it", arguments: ["", ".", ".."])
  func dots(segment: String) throws {
    let base = try WebURL("https://example.com/a/")
    #expect(try base.appending(segments: ["b", "c"]).path == "/a/b/c")
    #expect(refusal { _ = try base.appending(segments: ["b", segment, "c"]) } == .badURL)
  }

  @Test("takes no segment behind a query")
  func afterQuery() throws {
    #expect(refusal { _ = try WebURL("https://example.com/a?b").appending(segments: ["c"]) } == .badURL)
    #expect(refusal { _ = try WebURL("https://example.com/a?").appending(segments: ["c"]) } != nil)
  }
}
