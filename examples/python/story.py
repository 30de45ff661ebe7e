"""The story of ../README.md, told by a client in Python. Ends with a traceback, and so a non-zero code, where it goes otherwise."""

import os
import subprocess
import uuid

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status
from opd.v1.opd_service_pb2 import (
    AllocateTokenRequest,
    CancelTokenRequest,
    CreateDoctorRequest,
    CreateSlotRequest,
    GetQueueRequest,
    InsertEmergencyRequest,
    WatchQueueRequest,
)
from opd.v1.opd_service_pb2_grpc import OpdServiceStub
from opd.v1.resources_pb2 import (
    TOKEN_SOURCE_FOLLOW_UP,
    TOKEN_SOURCE_ONLINE,
    TOKEN_SOURCE_PAID,
    TOKEN_SOURCE_WALK_IN,
    Doctor,
    QueueChange,
    Slot,
    Token,
    TokenChange,
)

DATE = "2099-01-31"
SECONDS_MAX = 10

STORY = [
    "3 AllocateToken: ALLOCATED P-1 09:00",
    "4 AllocateToken: ALLOCATED P-2 09:00",
    "5 AllocateToken: ALLOCATED P-3 09:00, DISPLACED P-1 09:00",
    "6 InsertEmergency: ALLOCATED E-1 09:00, DISPLACED P-2 09:00, MOVED P-2 10:00, MOVED P-1 10:00",
    "7 InsertEmergency: ALLOCATED E-2 09:00, DISPLACED P-3 09:00",
    "8 InsertEmergency: ALLOCATED E-3 09:00",
    "9 CancelToken: CANCELLED E-3 09:00",
    "10 CancelToken: CANCELLED E-2 09:00, PROMOTED P-3 09:00",
    "11 AllocateToken: QUEUED P-4 10:00",
]
STORY_AFTER_THE_CUT = [
    "12 AllocateToken: ALLOCATED P-5 10:00, DISPLACED P-1 10:00",
    "13 CancelToken: CANCELLED P-5 10:00, PROMOTED P-1 10:00",
]


class Desk:
    """The front desk of one doctor on one day: a doctor and two slots of two seats."""

    def __init__(self, channel: grpc.Channel):
        self.stub = OpdServiceStub(channel)
        self.doctor: Doctor = self.ask("CreateDoctor", CreateDoctorRequest(name="Dr Rao", time_zone="Asia/Kolkata")).doctor
        self.nine = self.slot("09:00", "10:00")
        self.ten = self.slot("10:00", "11:00")
        self.answered: list[QueueChange] = []

    def ask(self, method: str, request):
        """Every call has a deadline, and every command a request_id: with the same one it is safe to send again."""
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:
            request.request_id = str(uuid.uuid4())
        # While the server restarts there is no connection; the call waits for one instead of failing at once.
        return getattr(self.stub, method)(request, timeout=SECONDS_MAX, wait_for_ready=True)

    def slot(self, start: str, end: str) -> Slot:
        request = CreateSlotRequest(doctor_id=self.doctor.id, date=DATE, start=start, end=end, capacity=2)
        return self.ask("CreateSlot", request).slot

    def command(self, method: str, request) -> Token:
        """A command answers with its token and with all that it did to the day."""
        answer = self.ask(method, request)
        self.answered.append(answer.change)
        return answer.token

    def allocate(self, slot: Slot, source: int, patient: str) -> Token:
        return self.command("AllocateToken", AllocateTokenRequest(slot_id=slot.id, source=source, patient_ref=patient))

    def emergency(self, patient: str) -> Token:
        return self.command("InsertEmergency", InsertEmergencyRequest(slot_id=self.nine.id, patient_ref=patient))

    def cancel(self, token: Token) -> None:
        self.command("CancelToken", CancelTokenRequest(token_id=token.id, reason="called off"))

    def watch(self, after_revision: int | None = None, epoch: str = ""):
        """A watch has no deadline: it is to last."""
        request = WatchQueueRequest(
            doctor_id=self.doctor.id, date=DATE, after_revision=after_revision, epoch=epoch
        )
        return self.stub.WatchQueue(request, wait_for_ready=True)

    def words(self, change: QueueChange) -> str:
        starts = {self.nine.id: "09:00", self.ten.id: "10:00"}
        effects = [
            f"{TokenChange.Kind.Name(each.kind).removeprefix('KIND_')} {each.token.patient_ref} {starts[each.token.slot_id]}"
            for each in change.tokens
        ]
        return f"{change.revision} {change.cause}: {', '.join(effects)}"


def next_change(watch) -> QueueChange:
    """Heartbeats say that there is nothing to say."""
    for update in watch:
        if update.WhichOneof("update") == "change":
            return update.change
        assert update.WhichOneof("update") == "heartbeat", update
    raise AssertionError("the watch ended")


def refusal(error: grpc.RpcError):
    """The reason, what it is about, and the wrong fields, out of the status's typed details."""
    info, bad_request = ErrorInfo(), BadRequest()
    for detail in rpc_status.from_call(error).details:
        detail.Unpack(info)
        detail.Unpack(bad_request)
    assert info.domain == "opd.v1", info
    return info.reason, dict(info.metadata), [each.field for each in bad_request.field_violations]


def refused(desk: Desk, request) -> tuple:
    try:
        desk.ask("AllocateToken", request)
    except grpc.RpcError as error:
        return error.code(), *refusal(error)
    raise AssertionError("the call was not refused")


def main() -> None:
    channel = grpc.insecure_channel(os.environ.get("OPD_ADDRESS", "127.0.0.1:50051"))
    desk = Desk(channel)

    watch = desk.watch()
    snapshot = next(watch).snapshot
    assert snapshot.revision == 2, snapshot
    assert [each.slot for each in snapshot.slots] == [desk.nine, desk.ten], snapshot

    walk_in = desk.allocate(desk.nine, TOKEN_SOURCE_WALK_IN, "P-1")
    online = desk.allocate(desk.nine, TOKEN_SOURCE_ONLINE, "P-2")
    desk.allocate(desk.nine, TOKEN_SOURCE_PAID, "P-3")
    assert desk.answered[-1].tokens[1].token.id == walk_in.id

    _, second, third = [desk.emergency(patient) for patient in ("E-1", "E-2", "E-3")]
    assert (desk.answered[-1].slots[0].seats_taken, desk.answered[-1].slots[0].capacity) == (3, 2)
    desk.cancel(third)
    desk.cancel(second)

    wrong = AllocateTokenRequest(slot_id=walk_in.id)
    assert refused(desk, wrong) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS", {}, ["slot_id", "source"])
    twice = AllocateTokenRequest(slot_id=desk.ten.id, source=TOKEN_SOURCE_PAID, patient_ref="P-2")
    who = {"tokenId": online.id}
    assert refused(desk, twice) == (grpc.StatusCode.ALREADY_EXISTS, "PATIENT_HAS_TOKEN", who, [])

    request = AllocateTokenRequest(
        slot_id=desk.ten.id, source=TOKEN_SOURCE_WALK_IN, patient_ref="P-4", request_id=str(uuid.uuid4())
    )
    desk.command("AllocateToken", request)
    assert desk.ask("AllocateToken", request).change == desk.answered[-1]

    watched = [next_change(watch) for _ in STORY]
    assert [desk.words(change) for change in watched] == STORY, watched
    assert watched == desk.answered

    cut(watch)
    stronger = desk.allocate(desk.ten, TOKEN_SOURCE_FOLLOW_UP, "P-5")
    assert desk.ask("AllocateToken", request).change == watched[-1], "a request_id is remembered over a restart"

    resumed = desk.watch(after_revision=watched[-1].revision, epoch=snapshot.epoch)
    watched.append(next_change(resumed))
    desk.cancel(stronger)
    watched.append(next_change(resumed))
    assert [desk.words(change) for change in watched] == STORY + STORY_AFTER_THE_CUT, watched
    assert watched == desk.answered

    queue = desk.ask("GetQueue", GetQueueRequest(doctor_id=desk.doctor.id, date=DATE)).queue
    assert queue.revision == 13, queue
    seated = [[token.patient_ref for token in each.seated] for each in queue.slots]
    waiting = [[token.patient_ref for token in each.waiting] for each in queue.slots]
    assert (seated, waiting) == ([["E-1", "P-3"], ["P-2", "P-1"]], [[], ["P-4"]]), queue
    resumed.cancel()
    channel.close()
    print("python: the story went as it should")


def cut(watch) -> None:
    """The server restarts where there is a command for it; else the client hangs up. Either way the watch ends."""
    restart = os.environ.get("OPD_RESTART")
    if restart:
        subprocess.run(restart, shell=True, check=True)
    else:
        watch.cancel()
    try:
        next(watch)
    except grpc.RpcError as error:
        expected = grpc.StatusCode.UNAVAILABLE if restart else grpc.StatusCode.CANCELLED
        assert error.code() == expected, error
        if restart:
            assert refusal(error)[0] == "DRAINING", error
        return
    raise AssertionError("the watch went on")


main()
