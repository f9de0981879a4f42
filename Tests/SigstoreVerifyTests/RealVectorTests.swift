import SigstoreVerify
import Support
import Testing

/// Real material, kept beside the project and not in it: `../shared/vectors` from the project's root. Without that folder the suite is
/// reported as skipped; the project's own cases (VectorTests) need nothing from outside.
@Suite(
  "Real material", .enabled(if: ProjectFolder.isFolder(ProjectFolder.realVectors), "../shared/vectors is not there"))
struct RealVectorTests {
  static let all = CaseFolder.all(in: ProjectFolder.realVectors, depth: 2).filter { !$0.name.hasPrefix("_") }

  private static func verdict(_ folder: CaseFolder) throws -> Answer {
    try judge(folder, sharedRoot: ProjectFolder.realVectors + "/_trusted_roots/production.json")
  }

  @Test("every case is answered as expected, blobs and attestations", arguments: all)
  func expected(folder: CaseFolder) throws {
    let answer = try Self.verdict(folder)
    #expect((answer.code == Answer.accepted) == (folder.line("expect") == "pass"), "\(answer)")
  }

  @Test("the folder holds cases of both kinds")
  func counts() {
    #expect(Self.all.contains { $0.line("expect") == "pass" })
    #expect(Self.all.contains { $0.line("expect") == "fail" })
  }
}
