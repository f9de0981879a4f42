import SigstoreVerify
import Support
import Testing

/// Real material, kept beside the project and not in it: `../shared/vectors` from the project's root. Without that folder the suite is
/// reported as skipped; the project's own cases (VectorTests) need nothing from outside.
@Suite(
  "Real material", .enabled(if: ProjectFolder.isFolder(ProjectFolder.realVectors), "../shared/vectors is not there"))
struct RealVectorTests {
  static let all = CaseFolder.all(in: ProjectFolder.realVectors, depth: 2).filter { !$0.name.hasPrefix("_") }

  /// Message signatures over Rekor v1's hashedrekord, in any bundle.
  static let supported = all.filter { folder in
    let shape = folder.line("shape") ?? ""
    return shape.contains("legacy") || shape.contains("hashedrekord-0.0.1") || shape.contains("malformed")
  }
  static let mustFail = all.filter { $0.line("expect") == "fail" }

  private static func verdict(_ folder: CaseFolder) throws -> Answer {
    try judge(folder, sharedRoot: ProjectFolder.realVectors + "/_trusted_roots/production.json")
  }

  @Test("legacy, hashedrekord 0.0.1 and malformed cases are answered as expected", arguments: supported)
  func expected(folder: CaseFolder) throws {
    let answer = try Self.verdict(folder)
    #expect((answer.code == Answer.accepted) == (folder.line("expect") == "pass"), "\(answer)")
  }

  @Test("no case of any shape that must fail is accepted", arguments: mustFail)
  func refused(folder: CaseFolder) throws {
    #expect(try Self.verdict(folder).code != Answer.accepted)
  }

  @Test("the folder holds cases of both kinds")
  func counts() {
    #expect(Self.supported.contains { $0.line("expect") == "pass" })
    #expect(!Self.mustFail.isEmpty)
  }
}
