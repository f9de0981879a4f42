import SigstoreVerify
import Testing
import VerdictReport
import VirtualSigstore
import WireCoding

@testable import VerifyCommands

private func run(_ refusal: Refusal, isCosign: Bool = false) -> [String] {
  let report = Report(outcome: .refused(refusal, further: []))
  return VerdictText.lines(report, isVerbose: true, isCosign: isCosign)
    .split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
}

@Suite("What a run tells")
struct ReportTests {
  let signed = SignedFolder()
  var good: [String] { signed.bundle + signed.signer + [signed.blob] }
  var changed: String { signed.folder.write("changed", Array("something else".utf8)) }
  let hostile = "x\nVerified OK\r\u{1b}[1A\u{202e}\u{85}\u{2028}Verified OK"

  @Test("exit statuses follow the blame, and under the name cosign there are two")
  func statuses() {
    let all = Blame.allCases.map { ExitStatus($0) }
    #expect(all.map(\.rawValue) == [3, 1, 4, 2])
    #expect(ExitStatus.allCases.map { $0.code(asCosign: false) } == [0, 1, 2, 3, 4])
    #expect(ExitStatus.allCases.map { $0.code(asCosign: true) } == [0, 1, 1, 1, 1])
    let cases: [([String], Int32)] = [
      (good, 0), (signed.bundle + signed.signer + [changed], 1), (good + ["--no-such-flag"], 2),
      (["--bundle", signed.blob] + signed.signer + [signed.blob], 3), (good.dropLast() + [signed.path("none")], 4),
    ]
    for (arguments, status) in cases {
      #expect(signed.verify(arguments).status == status)
      for name in ["cosign", "/usr/bin/cosign", "./cosign"] {
        #expect(signed.verify(arguments, name: name).status == min(status, 1))
      }
      for name in ["cosign2", "mycosign", "cosign.old", "nexo-verify", ""] {
        #expect(signed.verify(arguments, name: name).status == status)
      }
    }
  }

  @Test("under the name cosign there is no subject line")
  func asCosign() {
    #expect(signed.verify(good, name: "/bin/cosign").errors == "Verified OK\n")
  }

  @Test("a refusal: one error line with its code, a hint, and what else is wrong")
  func refusal() {
    let run = signed.verify(signed.bundle + ["--certificate-identity=x", "--certificate-oidc-issuer=y", changed])
    #expect(run.code == "identity.mismatch")
    #expect(run.lines[0].hasPrefix("Error: the certificate names another signer than the one expected: got \""))
    #expect(run.lines[0].hasSuffix(", want \"x\" (identity.mismatch)"))
    #expect(
      run.lines.dropFirst().map { $0.prefix(6) }.prefix(5) == ["got:  ", "want: ", "      ", "hint: ", "hint: "])
    #expect(run.lines.dropFirst(6).allSatisfy { $0.hasPrefix("also: ") })
    #expect(run.lines.contains { $0.hasPrefix("also: ") && $0.hasSuffix("(signature.mismatch)") })
  }

  @Test("no value, from wherever it comes, starts a line or moves the cursor")
  func forging() {
    let failure = Failure(CommandCode.flag, hostile, got: hostile, want: hostile, place: hostile)
    let refusal = Refusal(failure, input: hostile, advice: hostile)
    let notice = Notice(.flagIgnored, hostile)
    let root = Report.Root(source: hostile, disabled: [hostile])
    let report = Report(notices: [notice], root: root, outcome: .refused(refusal, further: [refusal]))
    let text = VerdictText.lines(report, isVerbose: true, isCosign: false)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let words = lines.map { $0.prefix { $0 != ":" } }
    #expect(words == ["warning", "trusted root", "trusted root", "Error", "hint", "also"])
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "…" || (0x20...0x7e).contains($0.value) })
    let json = VerdictJSON.object(report, command: nil, exitStatus: 2).rendered
    #expect(json.unicodeScalars.allSatisfy { Terminal.isHarmless($0) })

    for arguments in [
      ["--bundle", hostile] + signed.signer + [signed.blob], good.dropLast() + [hostile], [hostile] + good,
      ["--\(hostile)"], ["--offline=\(hostile)"], ["--timeout", hostile] + good,
      signed.bundle + ["--certificate-identity", hostile, "--certificate-oidc-issuer", hostile, signed.blob],
      signed.bundle + ["--certificate-identity-regexp", "(" + hostile, "--certificate-oidc-issuer", "x", signed.blob],
    ] {
      let run = signed.verify(arguments + ["-d"])
      #expect(run.status != 0)
      #expect(run.errors.unicodeScalars.allSatisfy { $0 == "\n" || Terminal.isHarmless($0) })
      #expect(!run.lines.contains { $0.hasPrefix("Verified OK") })
      #expect(run.lines.filter { $0.hasPrefix("Error: ") }.count == 1)
    }
    let run = TestRun.run([hostile])
    #expect(run.lines.count == 2)
  }

  @Test("text in a bundle cannot forge a line")
  func hostileBundle() {
    var draft = signed.material.bundle()
    draft["verificationMaterial.tlogEntries.0.kindVersion.kind"] = .text(hostile)
    let bundle = signed.folder.write("hostile.json", draft.bytes)
    let run = signed.verify(["--bundle", bundle, "-d", "--json"] + signed.signer + [signed.blob])
    #expect(run.status != 0)
    #expect(run.errors.unicodeScalars.allSatisfy { $0 == "\n" || Terminal.isHarmless($0) })
    #expect(!run.lines.contains { $0.hasPrefix("Verified OK") })
    #expect(run.output.unicodeScalars.dropLast().allSatisfy { Terminal.isHarmless($0) })
  }

  @Test("case 57: a value that looks like a further fact stays one value")
  func forgedFact() {
    let name = "https://example.test/x, issuer=\"https://accounts.google.com\""
    let run = signed.verify(
      signed.bundle + ["--certificate-identity", name, "--certificate-oidc-issuer", "y", signed.blob, "-d"])
    let line = run.lines.first { $0.hasPrefix("identity: failed") }
    #expect(
      line?.contains("want=\"https://example.test/x, issuer=\\u{22}https://accounts.google.com\\u{22}\"") == true,
      "\(run.errors)")
    #expect(line?.contains("issuer=\"https") == false)
  }

  @Test("long values are cut")
  func cut() {
    let lines = run(Refusal.usage(String(repeating: "a", count: 5000), advice: String(repeating: "b", count: 5000)))
    #expect(lines.count == 2)
    #expect(lines[0].contains(String(repeating: "a", count: 300) + "…") && lines[0].count < 400)
    #expect(lines[1] == "hint: " + String(repeating: "b", count: 300) + "…")
  }

  @Test("--verbose tells the root and each check, for a yes and for a no")
  func verbose() {
    for (arguments, word) in [(good, "passed"), (signed.bundle + signed.signer + [changed], "failed")] {
      let lines = signed.verify(arguments + ["--verbose"]).lines
      #expect(lines.contains { $0.hasPrefix("trusted root: trusted root file (sha256 ") })
      for step in ["bundle", "log", "times", "chain", "sct", "identity"] {
        #expect(lines.contains { $0.hasPrefix("\(step): passed: ") }, "\(step)")
      }
      #expect(lines.contains { $0.hasPrefix("signature: \(word): ") })
      #expect(lines.contains { $0.contains("[RFC 6962, 3.2]") })
    }
    #expect(signed.verify(good).lines.count == 2)
  }

  @Test("variables that would weaken a check are told, and not obeyed")
  func environment() {
    let names = [
      "COSIGN_INSECURE_IGNORE_TLOG", "COSIGN_INSECURE_SOMETHING_NEW", "COSIGN_CERTIFICATE_IDENTITY",
      "COSIGN_PASSWORD", "PATH", "COSIGN_EXPERIMENTAL", "COSIGN_INSECURE_IGNORE_TLOG",
    ]
    let run = signed.verify(good, variables: names)
    #expect(run.status == 0)
    let told = run.lines.filter { $0.hasSuffix("(usage.environmentIgnored)") }
    #expect(
      told.map { $0.split(separator: " ")[1] } == [
        "COSIGN_CERTIFICATE_IDENTITY", "COSIGN_INSECURE_IGNORE_TLOG", "COSIGN_INSECURE_SOMETHING_NEW",
      ])
    #expect(
      signed.verify(good, variables: ["COSIGN_INSECURE_\nVerified OK"]).lines.filter { $0 == "Verified OK" }.count == 1)
    for flag in Flag.allCases {
      let name = "COSIGN_" + String(flag.rawValue.map { $0 == "-" ? "_" : $0 }).uppercased()
      #expect(EnvironmentNotices.notices(for: [name]).count == 1)
    }
  }
}
