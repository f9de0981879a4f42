import Testing

@testable import NexoInstall

@Suite("Semantic versions and requirements")
struct VersionTests {
  @Test(
    "versions that are strict SemVer, and come back as they were",
    arguments: [
      "0.0.0", "1.2.3", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0+build.01", "1.0.0-x-y-z.--",
      "18446744073709551615.0.0",
    ])
  func accepted(text: String) throws {
    #expect(try SemanticVersion(text).text == text)
  }

  @Test(
    "texts that are none",
    arguments: [
      "", "1", "1.2", "1.2.3.4", "01.0.0", "1.00.0", "1.0.0-", "1.0.0+", "1.0.0-01", "1.0.0-a..b", "v1.0.0", "1.0.0 ",
      " 1.0.0", "1.0.x", "-1.0.0", "1.0.0-ä", "1.0.0/..", "18446744073709551616.0.0",
      "1.0.0-" + String(repeating: "a", count: 200),
    ])
  func refused(text: String) {
    #expect(throws: VersionProblem.self) { try SemanticVersion(text) }
  }

  @Test("the order of the specification's own example, and numbers by value")
  func order() throws {
    let ordered = [
      "0.9.0", "0.10.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1", "1.0.0", "1.0.1", "2.0.0",
    ].map { try? SemanticVersion($0) }.compactMap { $0 }
    #expect(ordered.count == 12)
    for (index, left) in ordered.enumerated() {
      for (other, right) in ordered.enumerated() { #expect(left.precedes(right) == (index < other)) }
    }
    let builds = try [SemanticVersion("1.0.0+a"), SemanticVersion("1.0.0+b")]
    #expect(!builds[0].precedes(builds[1]) && !builds[1].precedes(builds[0]))
  }

  @Test(
    "requirements in Cargo's notation",
    arguments: [
      (">=0.1.0", "0.1.0", true), (">=0.1.0", "0.0.9", false), ("^0.1", "0.1.9", true), ("^0.1", "0.2.0", false),
      ("0.1", "0.1.5", true), ("1.2.3", "1.9.0", true), ("1.2.3", "2.0.0", false), ("^0.0.3", "0.0.3", true),
      ("^0.0.3", "0.0.4", false), ("~1.2", "1.2.9", true), ("~1.2", "1.3.0", false), ("=1.2.3", "1.2.3", true),
      ("=1.2", "1.2.7", true), ("=1.2.3", "1.2.4", false), (">1.2", "1.2.9", false), (">1.2", "1.3.0", true),
      ("<2", "1.9.9", true), ("<2", "2.0.0", false), ("<=1.2", "1.2.9", true), (">=0.1.0, <2", "1.0.0", true),
      (">=0.1.0, <2", "2.0.0", false), ("*", "9.9.9", true), ("1.*", "1.5.0", true), ("1.*", "2.0.0", false),
      // Prereleases only where they are named.
      (">=1.0.0", "1.1.0-rc.1", false), (">=1.1.0-rc.1", "1.1.0-rc.2", true), (">=1.1.0-rc.2", "1.1.0-rc.1", false),
      (">=1.1.0-rc.1", "1.2.0-rc.1", false),
    ])
  func requirement(text: String, version: String, expected: Bool) throws {
    #expect(try VersionRequirement(text).matches(SemanticVersion(version)) == expected)
  }

  @Test(
    "texts that are no requirement", arguments: ["", ">", ">=", "1.2.3.4", "a", ">=1.0.0,", "1.2-rc.1", "01.2", ">>1"])
  func badRequirement(text: String) {
    #expect(throws: VersionProblem.self) { try VersionRequirement(text) }
  }
}
