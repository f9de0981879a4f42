import Testing

@testable import NexoInstall

@Suite("Coordinates, ids and targets")
struct CoordinatesTests {
  @Test(
    "coordinates that are well formed",
    arguments: [
      ("a/b", "a", "b", "latest"), ("your-handle/my_plugin@v0.1.0", "your-handle", "my_plugin", "v0.1.0"),
      ("A.b/c-d@latest", "A.b", "c-d", "latest"), ("a/b@1.0.0+x@y", "a", "b", "1.0.0+x@y"),
      ("a/b@release/v1", "a", "b", "release/v1"), ("a/b@ä", "a", "b", "ä"),
    ])
  func accepted(text: String, owner: String, repository: String, tag: String) throws {
    let coordinates = try Coordinates(text)
    #expect(coordinates.owner == owner)
    #expect(coordinates.repository == repository)
    #expect(coordinates.tag == tag)
    #expect(coordinates.wantsNewest == (tag == "latest"))
  }

  @Test(
    "cases 69 and 70: coordinates that would lead a path or an address elsewhere",
    arguments: [
      ("", "expected <owner>/<repo>[@<tag>]"), ("a", "expected <owner>/<repo>[@<tag>]"),
      ("a@b/c", "expected <owner>/<repo>[@<tag>]"), ("/b", "owner / repo / tag must not be empty"),
      ("a/", "owner / repo / tag must not be empty"), ("a/b@", "owner / repo / tag must not be empty"),
      ("a/b/c", "owner/repo may only contain [A-Za-z0-9._-]"), ("a b/c", "owner/repo may only contain [A-Za-z0-9._-]"),
      ("ä/b", "owner/repo may only contain [A-Za-z0-9._-]"), ("a/b%2f", "owner/repo may only contain [A-Za-z0-9._-]"),
      ("../b", "owner and repo may not be `.` or `..`"), ("a/..", "owner and repo may not be `.` or `..`"),
      ("./b", "owner and repo may not be `.` or `..`"), ("a/b@../../..", "the tag is none that git allows"),
      ("a/b@v1?x=y", "the tag holds a character that git allows in none"), ("a/b@v1#x", "the tag holds a `#`"),
      ("a/b@v1\n", "the tag holds a character that git allows in none"), ("a/b@/v1", "the tag is none that git allows"),
      ("a/b@v1.lock", "the tag is none that git allows"),
      ("a/b@" + String(repeating: "v", count: 300), "the tag is too long"),
      (String(repeating: "a", count: 200) + "/b", "owner or repo is too long"),
    ])
  func refused(text: String, reason: String) {
    let failure = #expect(throws: InstallFailure.self) { try Coordinates(text) }
    #expect(failure?.kind == .coordsInvalid)
    #expect(failure?.message == "plugin coords `\(text)` invalid: \(reason)")
  }

  @Test("owners compare without ASCII case, and with nothing else")
  func names() {
    #expect(isSameName("LordMacu", "lordmacu"))
    #expect(!isSameName("lordmacu", "lordmacv"))
    // The Kelvin sign lowers to k, and é has two forms: neither is the same name.
    #expect(!isSameName("\u{212a}it", "kit"))
    #expect(!isSameName("e\u{301}", "\u{e9}"))
    #expect(!isSameName("[", "{"))
  }

  @Test(
    "case 69: ids", arguments: [("a", true), ("my_plugin-2", true), ("a" + String(repeating: "b", count: 63), true)])
  func goodID(text: String, _: Bool) { #expect(PluginID(text)?.text == text) }

  @Test(
    "case 69: ids that would be a path, a wildcard of a subject, or nothing",
    arguments: [
      "", "A", "1a", "_a", "-a", "a/b", "..", ".", "a.b", "a b", "a>", "a*", "ä", "a\n",
      "a" + String(repeating: "b", count: 64),
    ])
  func badID(text: String) { #expect(PluginID(text) == nil) }

  @Test("a target: the flag, then an earlier choice, then the environment, then this machine's own")
  func targetPrecedence() throws {
    let environment = ["NEXO_INSTALL_TARGET": "from-environment"]
    #expect(try Target.choose(flag: "f", earlier: "e", environment: environment).name == "f")
    #expect(try Target.choose(flag: nil, earlier: "e", environment: environment).name == "e")
    #expect(try Target.choose(flag: nil, environment: environment).name == "from-environment")
    #expect(try Target.choose(flag: nil, environment: environment).isChosen)
    let own = try Target.choose(flag: nil, environment: ["NEXO_INSTALL_TARGET": ""])
    #expect(own.name == Target.detected)
    #expect(!own.isChosen)
  }

  @Test(
    "targets that would be a path", arguments: ["", "../x", "a/b", ".", "a b", "ä", String(repeating: "a", count: 101)])
  func badTarget(name: String) {
    let failure = #expect(throws: InstallFailure.self) { try Target.choose(flag: name, environment: [:]) }
    #expect(failure?.kind == .usage)
    #expect(failure?.exitStatus == 2)
  }

  @Test("builds that will do: the exact one, musl for gnu, then any host's")
  func candidates() {
    #expect(
      Target(name: "x86_64-unknown-linux-gnu", isChosen: false).candidates
        == ["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl", "noarch"])
    #expect(Target(name: "noarch", isChosen: true).candidates == ["noarch"])
    #expect(Target(name: "aarch64-apple-darwin", isChosen: true).candidates == ["aarch64-apple-darwin", "noarch"])
  }
}
