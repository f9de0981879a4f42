import Testing

@testable import NexoInstall

@Suite("A release and its assets")
struct ReleaseTests {
  private static func release(_ names: [String], tag: String = "v1.0.0", asked: String = "o/r@v1.0.0") throws -> Release
  {
    try Release(
      coordinates: Coordinates(asked), tag: tag,
      assets: names.map { ReleaseAsset(name: $0, size: nil, location: "https://h.test/\($0)") })
  }

  private static let id = PluginID("p")!

  private static func chosen(_ names: [String], _ target: String) throws -> ChosenTarball {
    try ChosenTarball(of: id, in: release(names), for: Target(name: target, isChosen: true))
  }

  @Test(
    "the tag without its leading v is the version",
    arguments: [("v1.2.3", "1.2.3"), ("vv1.2.3", "1.2.3"), ("1.2.3-rc.1", "1.2.3-rc.1")])
  func version(tag: String, version: String) throws {
    #expect(try Self.release([], tag: tag, asked: "o/r").version.text == version)
  }

  @Test(
    "case 60: a release that is not the one that was asked for, or has no version",
    arguments: [
      ("v0.9.0", "o/r@v1.0.0", "tag `v1.0.0` was asked for, the answer is release `v0.9.0`"),
      ("1.0.0", "o/r@v1.0.0", "tag `v1.0.0` was asked for, the answer is release `1.0.0`"),
      (
        "nightly", "o/r",
        "release tag `nightly` does not parse as semver `vX.Y.Z`: three numbers are due, separated by dots"
      ),
      ("v01.0.0", "o/r", "release tag `v01.0.0` does not parse as semver `vX.Y.Z`: a number begins with 0"),
      ("v1.0.0/../x", "o/r", "the tag is none that git allows"),
    ])
  func wrongTag(tag: String, asked: String, reason: String) {
    let failure = #expect(throws: InstallFailure.self) { try Self.release([], tag: tag, asked: asked) }
    #expect(failure?.kind == .releaseShape)
    #expect(failure?.message == "release `o/r` shape error: \(reason)")
  }

  @Test("two assets of one name")
  func twice() {
    let failure = #expect(throws: InstallFailure.self) { try Self.release(["a", "a"]) }
    #expect(failure?.message == "release `o/r` shape error: two assets are named `a`")
  }

  @Test("the exact build wins, then musl, then noarch")
  func choice() throws {
    let all = ["gnu", "musl"].map { "p-1.0.0-x86_64-unknown-linux-\($0).tar.gz" } + ["p-1.0.0-noarch.tar.gz"]
    let sums = all.map { $0 + ".sha256" }
    #expect(try Self.chosen(all + sums, "x86_64-unknown-linux-gnu").target == "x86_64-unknown-linux-gnu")
    #expect(try Self.chosen(Array(all[1...]) + sums, "x86_64-unknown-linux-gnu").target == "x86_64-unknown-linux-musl")
    #expect(try Self.chosen([all[2]] + sums, "x86_64-unknown-linux-gnu").target == "noarch")
    #expect(try Self.chosen(all + sums, "x86_64-unknown-linux-gnu").checksum.name == sums[0])
  }

  @Test("no build for the target names those that there are")
  func noTarget() {
    let failure = #expect(throws: InstallFailure.self) {
      try Self.chosen(["p-1.0.0-b.tar.gz", "p-1.0.0-a.tar.gz", "p-1.0.0-a.tar.gz.sha256"], "c")
    }
    #expect(failure?.kind == .targetNotFound)
    #expect(
      failure?.message
        == "release for `p@1.0.0` has no tarball for target `c`. Available: [\"p-1.0.0-a.tar.gz\", \"p-1.0.0-b.tar.gz\"]"
    )
    #expect(failure?.available == ["p-1.0.0-a.tar.gz", "p-1.0.0-b.tar.gz"])
  }

  @Test("a tarball without its checksum")
  func noChecksum() {
    let failure = #expect(throws: InstallFailure.self) { try Self.chosen(["p-1.0.0-a.tar.gz"], "a") }
    #expect(
      failure?.message
        == "release `o/r` shape error: release `v1.0.0` is missing required asset `p-1.0.0-a.tar.gz.sha256` for tarball `p-1.0.0-a.tar.gz`"
    )
  }

  @Test("signing material: a bundle before a pair, both endings of a certificate, half a pair")
  func material() throws {
    func found(_ endings: [String]) throws -> SigningAssets {
      let release = try Self.release(["t"] + endings.map { "t" + $0 })
      return SigningAssets(for: ReleaseAsset(name: "t", size: nil, location: ""), in: release)
    }
    #expect(try found([]) == .none)
    #expect(try found([".sha256", ".asc"]) == .none)
    #expect(try found([".bundle", ".sig", ".pem", ".sigstore.json"]).assets.map(\.name) == ["t.bundle"])
    #expect(try found([".sig", ".pem", ".sigstore.json"]).assets.map(\.name) == ["t.sigstore.json"])
    #expect(try found([".sig", ".pem", ".cert"]).assets.map(\.name) == ["t.sig", "t.pem"])
    #expect(try found([".sig", ".cert"]).assets.map(\.name) == ["t.sig", "t.cert"])
    #expect(try found([".sig"]) == .incomplete(present: "t.sig", missing: "t.pem"))
    #expect(try found([".pem"]) == .incomplete(present: "t.pem", missing: "t.sig"))
    #expect(try found([".cert"]) == .incomplete(present: "t.cert", missing: "t.sig"))
    // Half a pair beside a bundle harms nobody: the bundle is what counts.
    #expect(try found([".bundle", ".sig"]).assets.map(\.name) == ["t.bundle"])
  }

  @Test(
    "checksums: the first word, in either case",
    arguments: ["", "  p.tar.gz\n", "\r\n", " *p.tar.gz\n\(String(repeating: "b", count: 64))"])
  func checksum(rest: String) throws {
    let hex = String(repeating: "aB3", count: 21) + "c"
    #expect(try Checksum(parsing: Array((hex + rest).utf8), id: Self.id).hex == hex.lowercased())
  }

  @Test(
    "bodies that are no checksum",
    arguments: [
      "", "\n", String(repeating: "a", count: 63), String(repeating: "a", count: 65), String(repeating: "g", count: 64),
      "<html>",
    ])
  func badChecksum(body: String) {
    let failure = #expect(throws: InstallFailure.self) { try Checksum(parsing: Array(body.utf8), id: Self.id) }
    #expect(failure?.kind == .sha256Invalid)
    #expect(
      failure?.message == "release for `p` `.sha256` asset body `\(body)` invalid: must be exactly 64 hex chars")
  }
}
