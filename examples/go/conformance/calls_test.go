package conformance

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	opdv1 "example.com/opd/gen/opd/v1"
)

func TestAWatchEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	slot := slotOf(t, c, 1)
	begun := time.Now()
	s := watch(t, within(t, 1500*time.Millisecond), c, slot)
	if err := end(s); status.Code(err) != codes.DeadlineExceeded {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < 1400*time.Millisecond || took > 4*time.Second {
		t.Fatalf("the deadline of 1.5 s came after %v", took)
	}
}

// 24 days are as long as the server can count; see docs/clients.md.
func TestAWatchOutlivesADeadlineThatIsDaysAway(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	s := watch(t, within(t, 24*24*time.Hour), c, slotOf(t, c, 1))
	update, err := s.Recv()
	must(t, err)
	if update.GetHeartbeat() == nil {
		t.Fatal(update)
	}
}

func TestAWatchThatIsCancelledLeavesItsConnectionInUse(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	slot := slotOf(t, c, 1)
	ctx, cancel := context.WithCancel(context.Background())
	s := watch(t, ctx, c, slot)
	_, err := c.AllocateToken(within(t, 10*time.Second), walkIn(slot))
	must(t, err)
	if change := next(t, s); change.Revision != 2 {
		t.Fatal(change)
	}
	cancel()
	if err := end(s); status.Code(err) != codes.Canceled {
		t.Fatal(err)
	}
	_, err = c.AllocateToken(within(t, 10*time.Second), walkIn(slot))
	must(t, err)
	if dials := c.dials.Load(); dials != 1 {
		t.Fatalf("dialled %d times", dials)
	}
}

func TestMetadataOfAnyKindIsTakenAlong(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	slot := slotOf(t, c, 1)
	ctx := metadata.AppendToOutgoingContext(within(t, 10*time.Second),
		"x-trace", strings.Repeat("t", 4_000), "x-trace", "a second", "x-trace-bin", "\x00\x01\xff")
	var header metadata.MD
	_, err := c.GetSlot(ctx, &opdv1.GetSlotRequest{SlotId: slot.Id}, grpc.Header(&header))
	must(t, err)
	if kind := header.Get("content-type"); len(kind) != 1 || !strings.HasPrefix(kind[0], "application/grpc") {
		t.Fatal(header)
	}
}

func TestARefusalIsInTheTrailersAndInTheStatus(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	var trailer metadata.MD
	_, err := c.GetSlot(within(t, 10*time.Second), &opdv1.GetSlotRequest{SlotId: "slot_1"}, grpc.Trailer(&trailer))
	said := status.Convert(err)
	if said.Code() != codes.InvalidArgument || len(trailer.Get("grpc-status-details-bin")) != 1 {
		t.Fatal(err, trailer)
	}
	info, isInfo := said.Details()[0].(*errdetails.ErrorInfo)
	wrong, isWrong := said.Details()[1].(*errdetails.BadRequest)
	if !isInfo || !isWrong || info.Reason != "INVALID_FIELDS" || wrong.FieldViolations[0].Field != "slot_id" {
		t.Fatal(said.Details())
	}
}

func TestAMethodThatIsNotThereIsUnimplemented(t *testing.T) {
	t.Parallel()
	nothing := &opdv1.GetSlotRequest{}
	err := newClient(t).connection.Invoke(within(t, 10*time.Second), "/opd.v1.OpdService/Nothing", nothing, nothing)
	if status.Code(err) != codes.Unimplemented {
		t.Fatal(err)
	}
}

func TestGzipIsTakenInRequests(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	slot := slotOf(t, c, 2)
	request := walkIn(slot)
	request.PatientRef = strings.Repeat("p", 128)
	answer, err := c.AllocateToken(within(t, 10*time.Second), request, grpc.UseCompressor(gzip.Name))
	must(t, err)
	if answer.Token.PatientRef != request.PatientRef {
		t.Fatal(answer)
	}
	watch(t, within(t, 10*time.Second), c, slot, grpc.UseCompressor(gzip.Name))
}
