import FulcioCert
import Foundation
import RekorCheck
import SigstoreBundle
import SigstoreServices
import SigstoreTrust
import SigstoreVerify
import Testing
import TimestampCheck
import Transport
import WireCoding

@testable import VerifyCommands

/// docs/failures.md is written from the enums: `NEXO_WRITE_DOCS=1 swift test --filter FailureDocument`.
@Suite("docs/failures.md")
struct FailureDocumentTests {
  private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("docs/failures.md").path

  private static func rows<Code: FailureCode>(_ type: Code.Type) -> [String] {
    Code.allCases.map { code in
      "| `\(code.rawValue)` | \(ExitStatus(code.blame).rawValue) \(code.blame.rawValue) | \(cell(code.meaning)) | \(cell(code.advice ?? "")) |"
    }
  }

  private static func cell(_ text: String) -> String { text.replacingOccurrences(of: "|", with: "\\|") }

  private static func rendered() -> String {
    let failures =
      rows(CommandCode.self) + rows(PatternCode.self) + rows(BundleCode.self) + rows(RekorCode.self)
      + rows(TimestampCode.self) + rows(FulcioCode.self) + rows(VerifyCode.self)
      + rows(MetadataCode.self) + rows(LookUpCode.self) + rows(TransportCode.self)
    let warnings = NoticeCode.allCases.map(\.rawValue) + Caution.Code.allCases.map(\.rawValue)
    return """
      # Every code

      A refusal has a stable code, `family.cause`. A released code keeps its meaning for ever; the sentence beside it may be reworded any
      day, so scripts should compare codes (`--json`) or the exit status. This page is written from the code's own tables, and a test compares them.

      The exit status follows who is to blame: 1 untrusted (a check said no), 2 misused (flags or configuration), 3 malformed (a file is not what it
      says it is), 4 unavailable (a file or the output failed; nothing was judged).

      | code | status | meaning | what to do |
      |---|---|---|---|
      \(failures.sorted().joined(separator: "\n"))

      ## Warnings

      Said beside a verdict, without effect on it.

      \(warnings.sorted().map { "- `\($0)`" }.joined(separator: "\n"))

      """
  }

  @Test("lists exactly the codes that there are, as they are")
  func document() throws {
    let rendered = Self.rendered()
    if ProcessInfo.processInfo.environment["NEXO_WRITE_DOCS"] != nil {
      try rendered.write(toFile: Self.path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: Self.path, encoding: .utf8) == rendered)
  }

  @Test("no two modules use one code for two meanings")
  func unique() {
    let codes =
      CommandCode.allCases.map(\.rawValue) + PatternCode.allCases.map(\.rawValue) + BundleCode.allCases.map(\.rawValue)
      + RekorCode.allCases.map(\.rawValue) + TimestampCode.allCases.map(\.rawValue)
      + FulcioCode.allCases.map(\.rawValue)
      + VerifyCode.allCases.map(\.rawValue) + NoticeCode.allCases.map(\.rawValue)
      + Caution.Code.allCases.map(\.rawValue)
    #expect(Set(codes).count == codes.count)
    #expect(codes.allSatisfy { $0.wholeMatch(of: /[a-zA-Z]+\.[a-zA-Z0-9]+/) != nil })
  }
}
