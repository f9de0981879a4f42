import Foundation
import Testing

@testable import VerifyCommands

@Suite("Completions and the manual page")
struct CompletionTests {
  private func run(_ arguments: String...) -> TestRun { TestRun.run(arguments) }

  @Test("every flag that the help shows, in each shell", arguments: CompletionText.Shell.allCases)
  func flags(shell: CompletionText.Shell) {
    let said = run("completion", shell.rawValue)
    #expect(said.status == 0 && said.errors == "")
    for row in FlagTable.rows where row.help != nil { #expect(said.output.contains(row.flag.rawValue), "\(row.flag)") }
    for verb in Verb.allCases { #expect(said.output.contains(verb.rawValue)) }
  }

  @Test("no shell, another one, or two are bad use")
  func usage() {
    #expect(run("completion").status == 2 && run("completion", "tcsh").status == 2)
    #expect(run("completion", "bash", "zsh").status == 2 && run("manual", "x").status == 2)
  }

  @Test("bash completes commands, flags and files by it")
  func bash() throws {
    let folder = TestFolder()
    let script = folder.write("completion.bash", Array(run("completion", "bash").output.utf8))
    func complete(_ words: [String]) throws -> [String] {
      let process = Process()
      let output = Pipe()
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      let list = words.map { "'\($0)'" }.joined(separator: " ")
      process.arguments = [
        "-c",
        "source '\(script)'; COMP_WORDS=(nexo-verify \(list)); COMP_CWORD=\(words.count); _nexo_verify; printf '%s\\n' \"${COMPREPLY[@]}\"",
      ]
      process.standardOutput = output
      try process.run()
      let data = output.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
    #expect(try complete(["ver"]) == ["verify-blob", "verify-blob-attestation", "version"])
    #expect(try complete(["verify-blob", "--bun"]) == ["--bundle"])
    #expect(try complete(["verify-blob", "--check-cl"]) == [])
    #expect(try complete(["verify-blob-attestation", "--check-cl"]) == ["--check-claims"])
    #expect(try complete(["verify-blob", "--bundle", folder.path + "/compl"]) == [script])
    #expect(try complete(["verify-blob", "--certificate-identity", ""]) == [])
    #expect(try complete(["completion", "z"]) == ["zsh"])
  }

  @Test("the manual page has its sections, and no line that roff would take for an order")
  func manual() {
    let said = run("manual")
    #expect(said.status == 0)
    for section in [
      "NAME", "SYNOPSIS", "DESCRIPTION", "FLAGS", "GLOBAL FLAGS", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO",
    ] {
      #expect(said.output.contains(".SH \(section)\n"))
    }
    let orders = said.output.split(separator: "\n").filter { $0.hasPrefix(".") || $0.hasPrefix("'") }
    let known = [".TH", ".SH", ".TP", ".B", ".BR", ".RI", ".IR", ".br"]
    #expect(orders.allSatisfy { line in known.contains(line.split(separator: " ").first.map(String.init) ?? "") })
  }
}
