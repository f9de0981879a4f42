import Foundation
import Support
import Testing
import VirtualSigstore

@testable import NexoInstall

/// What a server may do wrong, met by a whole install. Timeouts and retries are Transport's own, and tested there.
@Suite("A GitHub that misbehaves")
struct NetworkTroubleTests {
  struct Trouble: Sendable, CustomTestStringConvertible {
    let name: String
    /// Part of the address that misbehaves.
    let path: String
    let kind: String
    let reason: String?
    let error: String
    let reply: @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply

    var testDescription: String { name }

    init(
      _ name: String, at path: String, _ kind: String, _ reason: String? = nil, saying error: String,
      _ reply: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply
    ) {
      (self.name, self.path, self.kind, self.reason) = (name, path, kind, reason)
      (self.error, self.reply) = (error, reply)
    }
  }

  private static let listing = "/repos/"
  private static let tarball = ".tar.gz"
  private static let checksum = ".sha256"
  private static let manifest = "/nexo-plugin.toml"
  private static let bundle = ".bundle"

  static let troubles: [Trouble] = [
    Trouble("no such release", at: listing, "Http", saying: "fetch release: HTTP 404 Not Found for http://") { _ in
      .text("{}", status: 404)
    },
    Trouble("a page in place of the listing", at: listing, "Http", saying: "decode release: ") { _ in
      .text("<html>hello</html>")
    },
    Trouble("an empty listing", at: listing, "Http", saying: "decode release: ") { _ in .text("") },
    Trouble("a listing without a tag", at: listing, "Http", saying: "decode release: ") { _ in .text("{\"assets\":[]}")
    },
    Trouble("a listing that names a field twice", at: listing, "Http", saying: "decode release: ") { _ in
      .text("{\"tag_name\":\"v1.0.0\",\"tag_name\":\"v1.0.0\"}")
    },
    Trouble("a listing that breaks off", at: listing, "Http", "transport.truncated", saying: "fetch release: ") { _ in
      .announcing(1000, body: Array("{\"tag_name\":".utf8))
    },
    Trouble("a listing without end", at: listing, "Http", "transport.tooLarge", saying: "fetch release: ") { _ in
      .endless()
    },
    Trouble("a status line that is none", at: listing, "Http", "transport.failed", saying: "fetch release: ") { _ in
      .raw("hello\r\n\r\n")
    },
    Trouble("a circle of redirects", at: listing, "Http", "transport.tooManyRedirects", saying: "fetch release: ") {
      .redirect(to: $0.target)
    },
    Trouble("a redirect to http elsewhere", at: tarball, "Http", "transport.notHTTPS", saying: "download chunk: ") {
      _ in
      .redirect(to: "http://127.0.0.1:9/x")
    },
    Trouble("a redirect to a file", at: tarball, "Http", "transport.badRedirect", saying: "download chunk: ") { _ in
      .redirect(to: "file:///etc/passwd")
    },
    Trouble("a listing without the manifest", at: manifest, "Http", saying: "HTTP 404 Not Found for http://") { _ in
      .text("no", status: 404)
    },
    Trouble("a manifest without end", at: manifest, "Http", "transport.tooLarge", saying: "fetch manifest: ") { _ in
      .endless()
    },
    Trouble("a manifest that is no TOML", at: manifest, "ReleaseShape", saying: "manifest parse failed: ") { _ in
      .text("= 1")
    },
    Trouble("a manifest that is no text", at: manifest, "ReleaseShape", saying: "manifest is not valid UTF-8") { _ in
      .answer(body: [0xff, 0xfe])
    },
    Trouble("a manifest of a hundred thousand dots", at: manifest, "ReleaseShape", saying: "nested too deeply") { _ in
      .text("[" + String(repeating: "a.", count: 100_000) + "a]\n")
    },
    Trouble("a checksum that is a page", at: checksum, "Sha256Invalid", saying: "must be exactly 64 hex chars") { _ in
      .text("<html>")
    },
    Trouble("a checksum with status 500", at: checksum, "Http", saying: "fetch sha256: HTTP 500 Internal Server Error")
    {
      _ in .text(String(repeating: "0", count: 64), status: 500)
    },
    Trouble("a tarball of no bytes", at: tarball, "Sha256Mismatch", saying: "sha256 mismatch for `my_plugin`") { _ in
      .answer()
    },
    Trouble("a tarball that breaks off", at: tarball, "Http", "transport.truncated", saying: "download chunk: ") { _ in
      .closing(after: 100, body: SampleRelease().tarball)
    },
    Trouble("a tarball with bytes behind its end", at: tarball, "Sha256Mismatch", saying: "sha256 mismatch") { _ in
      .answer(body: SampleRelease().tarball + [0])
    },
    Trouble(
      "a tarball that is announced with 5 GB", at: tarball, "Http", "transport.tooLarge", saying: "download chunk: "
    ) { _ in .announcing(5_000_000_000, body: [0]) },
    Trouble("a tarball without end", at: tarball, "Http", "transport.tooLarge", saying: "download chunk: ") { _ in
      .endless()
    },
    Trouble("a tarball that is not there", at: tarball, "Http", saying: "fetch tarball: HTTP 404 Not Found") { _ in
      .text("no", status: 404)
    },
    Trouble("a bundle that is not there", at: bundle, "VerifyIo", saying: "verify io error: fetch http://") { _ in
      .text("no", status: 404)
    },
    Trouble(
      "a bundle without end", at: bundle, "VerifyIo", "transport.tooLarge", saying: "verify io error: fetch http://"
    ) {
      _ in .endless()
    },
  ]

  @Test("cases 49 and 66: each trouble has its kind, and nothing is left of the attempt", arguments: troubles)
  func trouble(trouble: Trouble) throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys()) { request in
      // `.sha256` and `.bundle` come behind `.tar.gz` in a name.
      request.target.hasSuffix(trouble.path) || (trouble.path == Self.listing && request.target.hasPrefix(Self.listing))
        ? trouble.reply(request) : nil
    }
    let before = Desk.tree(desk.folder)
    let said = desk.install()
    #expect(said.status == 1)
    #expect(said.kind == trouble.kind, "\(said.output)")
    #expect(said.reason == trouble.reason, "\(said.output)")
    #expect(said.error?.contains(trouble.error) == true, "\(said.output)")
    #expect(Desk.tree(desk.folder) == before)
  }

  @Test("a 403 without anything left of the rate limit names its end and the token")
  func rateLimit() throws {
    for (status, headers) in [
      (403, [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1800000000")]),
      (429, [("x-ratelimit-reset", "1800000000"), ("retry-after", "3600")]),
    ] as [(Int, [(name: String, value: String)])] {
      let desk = try Desk([SampleRelease()]) { _ in .answer(status, headers: headers) }
      let said = desk.install()
      #expect(said.kind == "Http")
      #expect(said.reason == "http.rateLimited")
      #expect(said.error?.hasSuffix("; the rate limit ends at 2027-01-15T08:00:00Z") == true, "\(said.output)")
      #expect(said.text("hint") == "Hint: set NEXO_GITHUB_TOKEN env to bypass anonymous rate limit.")
    }
    // A 403 for another reason is none.
    let desk = try Desk([SampleRelease()]) { _ in .answer(403, headers: [("x-ratelimit-remaining", "12")]) }
    #expect(desk.install().reason == nil)
    #expect(desk.install().text("hint") == "Hint: verify example/plugin@v1.0.0 exists on GitHub.")
  }

  @Test("an error 500 that passes is overcome")
  func passing() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys()) {
      $0.number == 0 ? .text("busy", status: 500) : nil
    }
    #expect(desk.install().status == 0)
  }

  @Test("case 65: the token goes to the API and to no other host, and assets of other hosts need https")
  func token() throws {
    let sample = SampleRelease()
    let other = try LoopbackServer { _ in .text("evil") }
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys()) { request in
      guard request.target.hasSuffix(".bundle") else { return nil }
      return .redirect(to: other.address("/bundle"))
    }
    desk.set("NEXO_GITHUB_TOKEN", "s3cret")
    let said = desk.install()
    #expect(said.kind == "VerifyIo")
    #expect(said.reason == "transport.notHTTPS")
    #expect(other.requests.isEmpty)
    #expect(desk.github.requests.allSatisfy { $0.header("authorization") == "Bearer s3cret" })
    #expect(!said.output.contains("s3cret"))
  }

  @Test("case 65: an asset whose address is http on another host is not fetched")
  func foreignAsset() throws {
    let sample = SampleRelease()
    let other = try LoopbackServer { _ in .text("evil") }
    let desk = try Desk([sample]) { request in
      guard request.target.hasPrefix("/repos/") else { return nil }
      return .text(
        """
        {"tag_name": "v1.0.0", "assets": [{"name": "nexo-plugin.toml", "browser_download_url": "\(other.address("/m"))"}]}
        """)
    }
    let said = desk.install()
    #expect(said.kind == "Http")
    #expect(said.reason == "transport.notHTTPS")
    #expect(other.requests.isEmpty)
  }

  @Test("an API base that is http elsewhere than on this machine is refused before anything is sent")
  func foreignBase() throws {
    let desk = try Desk([SampleRelease()])
    for base in ["http://example.test", "ftp://example.test", "http://user@127.0.0.1:1", "nonsense"] {
      desk.set("NEXO_GITHUB_API_BASE", base)
      let said = desk.install()
      #expect(said.kind == "Http")
      #expect(
        said.reason == (base == "http://example.test" ? "transport.notHTTPS" : "transport.badURL"), "\(said.output)")
    }
  }

  @Test("case 70: a tag is one segment of the address, percent-encoded")
  func encoding() throws {
    let desk = try Desk([SampleRelease()])
    _ = desk.install("example/plugin@v1.0.0+a%2e/b")
    #expect(desk.github.requests.map(\.target) == ["/repos/example/plugin/releases/tags/v1.0.0%2Ba%252e%2Fb"])
  }

  @Test("what is asked of GitHub: once each, with the headers that nexo-rs sends")
  func requests() throws {
    let sample = SampleRelease()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys())
    #expect(desk.install().status == 0)
    let base = "/download/example/plugin/v1.0.0/"
    let name = base + sample.tarballName
    #expect(
      desk.github.requests.map(\.target) == [
        "/repos/example/plugin/releases/tags/v1.0.0", base + "nexo-plugin.toml", name + ".sha256", name,
        name + ".bundle",
      ])
    #expect(desk.github.requests.first?.header("accept") == "application/vnd.github+json")
    #expect(desk.github.requests.allSatisfy { $0.header("user-agent") == "nexo-ext-installer" })
    #expect(desk.github.requests.allSatisfy { $0.header("authorization") == nil })
  }

  @Test("latest means the latest release, and its own tag binds")
  func latest() throws {
    let (old, new) = (SampleRelease(), SampleRelease(version: "1.1.0"))
    let desk = try Desk([old, new], trustedKeys: old.trustedKeys())
    let said = desk.install("example/plugin")
    #expect(said.text("version") == "1.1.0")
    #expect(said.flag("signature_verified") == true)
    #expect(desk.github.requests.first?.target == "/repos/example/plugin/releases/latest")
  }

  @Test("with a token, assets come by their address in the API, which private repositories need")
  func privateRepository() throws {
    let sample = SampleRelease()
    let assets = sample.assets()
    let names = assets.keys.sorted()
    let desk = try Desk([sample], trustedKeys: sample.trustedKeys()) { request in
      let base = "http://" + (request.header("host") ?? "")
      let path = "/repos/example/plugin/releases/"
      if request.target == path + "tags/v1.0.0" {
        let list = names.enumerated().map { number, name in
          """
          {"name": "\(name)", "browser_download_url": "https://github.com/not/there", "url": "\(base)\(path)assets/\(number)"}
          """
        }
        return .text("{\"tag_name\": \"v1.0.0\", \"assets\": [\(list.joined(separator: ","))]}")
      }
      guard request.target.hasPrefix(path + "assets/"), request.header("authorization") == "Bearer s3cret",
        request.header("accept") == "application/octet-stream",
        let number = Int(request.target.split(separator: "/").last ?? "")
      else { return .text("no", status: 404) }
      return .answer(body: assets[names[number]] ?? [])
    }
    desk.set("NEXO_GITHUB_TOKEN", "s3cret")
    #expect(desk.install().status == 0)
  }
}
