import SigstoreVerify
import Testing
import WireCoding

@testable import VerifyCommands

private func options(_ arguments: [String]) throws -> VerifyOptions {
  let line = CommandLineReader.read((["verify-blob"] + arguments).map { Array($0.utf8) })
  if let refusal = line.refusal { throw refusal }
  return try VerifyOptions(line, isCosign: false)
}

private func refusal(_ arguments: [String]) -> Refusal? {
  do {
    _ = try options(arguments)
    return nil
  } catch {
    return error as? Refusal
  }
}

private let signer = ["--certificate-identity", "me", "--certificate-oidc-issuer", "it"]
private let bundle = ["--bundle", "b"]

@Suite("The options of verify-blob")
struct VerifyOptionsTests {
  @Test(
    "contradictions",
    arguments: [
      ("--certificate-identity=a", "--certificate-identity-regexp=a"),
      ("--certificate-oidc-issuer=a", "--certificate-oidc-issuer-regexp=a"),
      ("--key=k", "--certificate-identity=a"), ("--key=k", "--certificate-identity-regexp=a"),
      ("--key=k", "--certificate-oidc-issuer=a"), ("--key=k", "--certificate-oidc-issuer-regexp=a"),
      ("--key=k", "--certificate-github-workflow-trigger=a"), ("--key=k", "--certificate-github-workflow-sha=a"),
      ("--key=k", "--certificate-github-workflow-name=a"), ("--key=k", "--certificate-github-workflow-repository=a"),
      ("--key=k", "--certificate-github-workflow-ref=a"), ("--key=k", "--certificate=c"),
      ("--staging", "--trusted-root=r"),
    ])
  func contradictions(one: String, other: String) {
    let names = [one, other].map { $0.prefix { $0 != "=" } }
    for pair in [[one, other], [other, one]] {
      let refusal = refusal(bundle + pair + ["blob"])
      #expect(refusal?.code == "usage.flag")
      #expect(refusal?.detail == "\(names[0]) and \(names[1]) exclude each other")
    }
  }

  @Test("an identity and an issuer are demanded, unless there is a key")
  func demanded() throws {
    #expect(
      refusal(bundle + ["blob"])?.detail == "--certificate-identity or --certificate-identity-regexp is needed")
    #expect(
      refusal(bundle + ["--certificate-identity=a", "blob"])?.detail
        == "--certificate-oidc-issuer or --certificate-oidc-issuer-regexp is needed")
    #expect(refusal(bundle + ["--certificate-oidc-issuer=a", "blob"])?.code == "usage.flag")
    #expect(refusal(bundle + signer + ["blob"]) == nil)
    guard case .key(let path) = try options(bundle + ["--key", "k", "blob"]).signer else {
      Issue.record("no key")
      return
    }
    #expect(path == [0x6b])
  }

  @Test("exact texts, patterns and the five claims arrive in the policy")
  func policy() throws {
    let flags = ["trigger", "sha", "name", "repository", "ref"].map { "--certificate-github-workflow-\($0)=v-\($0)" }
    let exact = try options(bundle + signer + flags + ["blob"])
    guard case .identity(let policy) = exact.signer else {
      Issue.record("no policy")
      return
    }
    #expect(policy.identity == .exact("me"))
    #expect(policy.issuer == .exact("it"))
    let claims = policy.claims.map { "\($0.key) \($0.value)" }.sorted()
    #expect(
      claims == [
        "gitHubWorkflowName v-name", "gitHubWorkflowRef v-ref", "gitHubWorkflowRepository v-repository",
        "gitHubWorkflowSHA v-sha", "gitHubWorkflowTrigger v-trigger",
      ])
    let patterns = try options(
      bundle + ["--certificate-identity-regexp=^a\\.b$", "--certificate-oidc-issuer-regexp=^c$", "blob"])
    guard case .identity(let policy) = patterns.signer else {
      Issue.record("no policy")
      return
    }
    #expect(policy.identity.text == "^a\\.b$" && policy.identity.matches("a.b") && !policy.identity.matches("xa.b"))
    #expect(policy.issuer.text == "^c$" && policy.issuer.matches("c") && !policy.issuer.matches("^c$"))
    #expect(patterns.notices.isEmpty)
  }

  @Test("loose patterns are obeyed, with a warning for each")
  func patternNotices() throws {
    func codes(_ arguments: [String]) throws -> [String] {
      try options(bundle + arguments + ["blob"]).notices.map(\.code)
    }
    #expect(
      try codes(["--certificate-identity-regexp=a", "--certificate-oidc-issuer=i"]) == ["policy.notAnchored"])
    #expect(
      try codes(["--certificate-identity-regexp=^a.b$", "--certificate-oidc-issuer=i"]) == ["policy.bareDot"])
    #expect(
      try codes(["--certificate-identity=a", "--certificate-oidc-issuer-regexp=."])
        == ["policy.notAnchored", "policy.bareDot"])
  }

  @Test(
    "patterns that are refused",
    arguments: [
      ("(", "policy.patternInvalid"), ("a(?=b)", "policy.patternInvalid"), ("(a)\\1", "policy.patternInvalid"),
    ])
  func badPattern(pattern: String, code: String) {
    let refusal = refusal(bundle + ["--certificate-identity-regexp", pattern, "--certificate-oidc-issuer=i", "blob"])
    #expect(refusal?.code == code)
    #expect(refusal?.input == "--certificate-identity-regexp")
    #expect(refusal.map { ExitStatus($0.blame) } == .misused)
  }

  @Test("a pattern of a megabyte is refused for its length")
  func longPattern() {
    let pattern = "^" + String(repeating: "a", count: 1 << 20) + "$"
    let refusal = refusal(bundle + ["--certificate-identity=a", "--certificate-oidc-issuer-regexp", pattern, "blob"])
    #expect(refusal?.code == "policy.patternTooLong")
    #expect(refusal?.input == "--certificate-oidc-issuer-regexp")
  }

  @Test("what weakens a check is said")
  func weakenings() throws {
    func codes(_ flags: [String], _ who: [String] = signer) throws -> [String] {
      try options(bundle + who + flags + ["blob"]).notices.map(\.code)
    }
    #expect(try codes([]) == [])
    #expect(try codes(["--insecure-ignore-tlog"]) == ["log.unsafelyIgnored"])
    #expect(try codes(["--private-infrastructure"]) == ["log.unsafelyIgnored"])
    #expect(try codes(["--insecure-ignore-tlog=false", "--insecure-ignore-sct=false"]) == [])
    #expect(try codes(["--insecure-ignore-sct"]) == ["sct.unsafelyIgnored"])
    #expect(try codes(["--insecure-ignore-sct"], ["--key", "k"]) == ["usage.flagIgnored"])
    #expect(try codes(["--offline=false"]) == ["usage.flagIgnored"])
    #expect(try codes(["--offline"]) == [])
    #expect(try options(bundle + signer + ["--insecure-ignore-tlog", "b"]).requirements.log == .unsafelyIgnored)
    #expect(try options(bundle + signer + ["--private-infrastructure", "b"]).requirements.log == .unsafelyIgnored)
    #expect(try options(bundle + signer + ["b"]).requirements.log == .required)
    let ignoring = try options(bundle + signer + ["--insecure-ignore-sct", "b"])
    #expect(ignoring.requirements.certificateTimestamp == .unsafelyIgnored)
    #expect(try options(bundle + signer + ["b"]).requirements.certificateTimestamp == .required)
  }

  @Test("which root is believed")
  func trust() throws {
    func name(_ flags: [String]) throws -> String {
      switch try options(bundle + signer + flags + ["blob"]).trust {
      case .instance(let instance): "\(instance)"
      case .file(let path): String(decoding: path, as: UTF8.self)
      }
    }
    #expect(try name([]) == "production")
    #expect(try name(["--staging"]) == "staging")
    #expect(try name(["--staging=false", "--trusted-root", "r"]) == "r")
  }

  @Test("what is to be verified has to be given")
  func material() {
    for blob in ["-", "sha256:" + String(repeating: "0", count: 64)] {
      #expect(refusal(signer + [blob])?.code == "usage.nothingToVerify")
      #expect(refusal(["--key=k", blob])?.code == "usage.nothingToVerify")
    }
    #expect(refusal(signer + ["--certificate=c", "blob"])?.code == "usage.nothingToVerify")
    let alone = refusal(signer + ["--signature=s", "blob"])
    #expect(alone?.code == "usage.flag")
    #expect(alone?.detail == "--signature alone does not say who signed")
    #expect(refusal(signer + ["--signature=s", "--certificate=c", "blob"]) == nil)
    #expect(refusal(["--key=k", "--signature=s", "blob"]) == nil)
    #expect(refusal(bundle + signer + ["--signature=s", "--certificate=c", "blob"]) == nil)
  }

  @Test(
    "addresses are refused in every position",
    arguments: [
      "https://a/b", "http://a", "env://NAME", "awskms:///k", "k8s://n/k", "pkcs11:token=x", "gitlab://p", "HTTPS://A",
    ])
  func addresses(address: String) {
    for arguments in [
      signer + ["--bundle", address, "blob"], bundle + signer + ["--signature", address, "blob"],
      bundle + signer + ["--certificate", address, "blob"], bundle + ["--key", address, "blob"],
      bundle + signer + ["--trusted-root", address, "blob"], bundle + signer + [address],
    ] {
      let refusal = refusal(arguments)
      #expect(refusal?.code == "usage.flag", "\(arguments)")
      #expect(refusal?.detail?.contains("address") == true)
    }
    #expect(refusal(bundle + signer + ["./" + address]) == nil)
  }

  @Test("exactly one blob")
  func blobCount() {
    #expect(refusal(bundle + signer)?.detail == "BLOB is missing")
    #expect(refusal(bundle + signer + ["a", "b"])?.detail == "2 files are given beside the signature of one")
    #expect(refusal(bundle + signer + [""])?.detail == "the name of BLOB is empty")
  }

  @Test("the blob as a path, as standard input, as a digest")
  func blob() throws {
    func source(_ blob: String) throws -> BlobSource { try BlobSource(Array(blob.utf8)) }
    #expect(try source("-") == .standardInput)
    #expect(try source("./-") == .file(Array("./-".utf8)))
    #expect(try source("md5:00") == .file(Array("md5:00".utf8)))
    for algorithm in HashAlgorithm.allCases {
      let text = "\(algorithm.rawValue):" + String(repeating: "aB", count: algorithm.byteCount)
      let digest = try #require(Digest(algorithm, Array(repeating: 0xab, count: algorithm.byteCount)))
      #expect(try source(text) == .digest(digest, path: Array(text.utf8)))
      for bad in [String(text.dropLast()), String(text.dropLast(2)), text + "00", String(text.dropLast()) + "g"] {
        #expect(throws: Refusal.self) { try source(bad) }
        #expect(refusal(bundle + signer + [bad])?.code == "usage.flag", "\(bad)")
      }
      #expect(refusal(bundle + signer + ["\(algorithm.rawValue):"])?.code == "usage.nothingToVerify")
    }
  }

  @Test(
    "durations as Go reads them",
    arguments: [
      ("3m", 180_000), ("3m0s", 180_000), ("1h30m", 5_400_000), ("500ms", 500), ("1.5s", 1500), ("1ns", 1), ("0", nil),
      ("0s", nil),
    ] as [(String, Int?)])
  func timeout(text: String, milliseconds: Int?) throws {
    #expect(try options(bundle + signer + ["--timeout", text, "b"]).silence == milliseconds)
    #expect(try options(bundle + signer + ["b"]).silence == nil)
  }

  @Test(
    "what is no duration",
    arguments: ["3", "m", "3 m", "-3m", "+1s", "1e3s", "3x", "1..5s", "٣m", String(repeating: "9", count: 400) + "h"])
  func badTimeout(text: String) {
    #expect(refusal(bundle + signer + ["--timeout=\(text)", "b"])?.code == "usage.flag")
  }
}
