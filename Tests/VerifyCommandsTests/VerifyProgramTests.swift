import Glibc
import Testing
import WireCoding

@testable import VerifyCommands

@Suite("The program around the commands")
struct VerifyProgramTests {
  @Test("help names every flag that is supported and shown, and no other")
  func help() {
    let texts = [
      ["verify-blob", "--help"], ["verify-blob", "-h"], ["help", "verify-blob"], ["--help", "verify-blob"],
    ].map {
      TestRun.run($0)
    }
    for run in texts {
      #expect(run.status == 0)
      #expect(run.errors == "")
      #expect(run.output == texts[0].output)
    }
    for row in FlagTable.rows {
      let isListed =
        texts[0].output.contains("\(row.flag.spelled) ") || texts[0].output.contains("\(row.flag.spelled)\n")
      #expect(isListed == (row.help != nil && (row.isGlobal || row.verbs.contains(.verifyBlob))), "\(row.flag)")
    }
    #expect(texts[0].output.split(separator: "\n").allSatisfy { $0.count <= 120 })
    for arguments in [["--help"], ["-h"], ["help"], ["help", "version"], ["version", "-h"]] {
      let run = TestRun.run(arguments)
      #expect(run.status == 0)
      #expect(run.output.contains("verify-blob") && run.output.contains("Exit status"))
    }
  }

  @Test("help does not hide a mistake")
  func mistakenHelp() {
    let run = TestRun.run(["verify-blob", "--no-such-flag", "--help"])
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(TestRun.run(["help", "sign-blob"]).code == "usage.command")
    #expect(TestRun.run(["help", "verify-blob", "version"]).status == 2)
  }

  @Test("case 56: help beside anything to verify is no success, wherever it stands")
  func helpBesideAFile() {
    for arguments in [
      ["verify-blob", "--help", "file"], ["verify-blob", "file", "-h"], ["verify-blob", "--json", "--help"],
      ["--help", "verify-blob", "--bundle", "b"], ["verify-blob", "-h", "--help=true", "x"], ["version", "-h", "x"],
    ] {
      let run = TestRun.run(arguments)
      #expect(run.status == 2, "\(arguments)")
      #expect(!run.output.contains("Exit status"))
    }
    #expect(TestRun.run(["verify-blob", "--json", "--help"]).code == "usage.flag")
    #expect(TestRun.run(["verify-blob", "--help=true"]).status == 0)
  }

  @Test("version")
  func version() throws {
    let run = TestRun.run(["version"])
    #expect(run.status == 0)
    #expect(run.errors == "")
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "nexo-verify 0.1.0-dev")
    #expect(lines[1].hasPrefix("OpenSSL 3."))
    #expect(lines[2].hasPrefix("embedded production root (") && lines[3].hasPrefix("embedded staging root ("))
    let json = try TestRun.run(["version", "--json"]).json
    #expect(try json.field("version").string() == "0.1.0-dev")
    #expect(try json.field("libcrypto").string().hasPrefix("OpenSSL 3."))
    #expect(try json.field("trustedRoots").field("production").string() == String(lines[2]))
    #expect(TestRun.run(["version", "x"]).code == "usage.flag")
    #expect(TestRun.run(["version", "--bundle", "x"]).status == 2)
  }

  @Test("no command at all")
  func nothing() {
    for arguments in [[], ["-d"], ["--"]] {
      let run = TestRun.run(arguments)
      #expect(run.status == 2)
      #expect(run.code == "usage.command")
    }
  }

  @Test("help and version that cannot be written are no success")
  func unwritable() {
    #expect(TestRun.run(["version"], outputFails: true).status == 4)
    #expect(TestRun.run(["--help"], outputFails: true).status == 4)
    #expect(TestRun.run(["--help"], name: "cosign", outputFails: true).status == 1)
  }

  @Test("a channel over a descriptor writes all, also where the pipe is full, and says if it cannot")
  func channel() throws {
    let text = String(repeating: "0123456789abcdef", count: 20_000)
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    _ = fcntl(ends[1], F_SETFL, fcntl(ends[1], F_GETFL) | O_NONBLOCK)
    let reader = PipeReader(ends[0])
    #expect(OutputChannel(descriptor: ends[1]).write(text))
    close(ends[1])
    #expect(reader.text() == text)
    close(ends[0])

    signal(SIGPIPE, SIG_IGN)
    try #require(pipe(&ends) == 0)
    close(ends[0])
    #expect(!OutputChannel(descriptor: ends[1]).write(text))
    close(ends[1])
    let full = open("/dev/full", O_WRONLY)
    #expect(!OutputChannel(descriptor: full).write("x"))
    #expect(OutputChannel(descriptor: full).write(""))
    close(full)
    #expect(!OutputChannel(descriptor: -1).write("x"))
  }

  @Test("every code has a meaning of one line, and its own name")
  func codes() {
    let all = CommandCode.allCases.map(\.rawValue) + NoticeCode.allCases.map(\.rawValue)
    #expect(Set(all).count == all.count)
    for code in CommandCode.allCases {
      #expect(!code.meaning.isEmpty && !code.meaning.contains("\n") && !code.meaning.hasSuffix("."))
    }
  }
}

/// Reads a pipe to its end in a thread of its own.
private final class PipeReader {
  private final class Job {
    let descriptor: Int32
    var bytes: [UInt8] = []
    init(_ descriptor: Int32) { self.descriptor = descriptor }
  }

  private let job: Job
  private var thread = pthread_t()

  init(_ descriptor: Int32) {
    job = Job(descriptor)
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let job = Unmanaged<Job>.fromOpaque(argument).takeUnretainedValue()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
          let count = read(job.descriptor, &buffer, buffer.count)
          guard count > 0 else { return nil }
          job.bytes += buffer.prefix(count)
        }
      }, Unmanaged.passUnretained(job).toOpaque())
  }

  func text() -> String {
    pthread_join(thread, nil)
    return String(decoding: job.bytes, as: UTF8.self)
  }
}
