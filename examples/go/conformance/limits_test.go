package conformance

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	opdv1 "example.com/opd/gen/opd/v1"
)

const mebibyte = 1 << 20

func TestARequestOfMebibytesIsRefusedAndTheConnectionGoesOn(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	slot := slotOf(t, c, 1)
	for name, options := range map[string][]grpc.CallOption{
		"as it is": nil,
		// A few kilobytes on the wire.
		"compressed": {grpc.UseCompressor(gzip.Name)},
	} {
		request := walkIn(slot)
		request.PatientRef = strings.Repeat("p", 5*mebibyte)
		_, err := c.AllocateToken(within(t, 10*time.Second), request, options...)
		if status.Code(err) != codes.ResourceExhausted {
			t.Fatalf("%s: %v", name, err)
		}
	}
	_, err := c.AllocateToken(within(t, 10*time.Second), walkIn(slot))
	must(t, err)
	if dials := c.dials.Load(); dials != 1 {
		t.Fatalf("dialled %d times", dials)
	}
}

// A doctor-day issues 10,000 tokens at the most; with the longest references it is the largest answer there is.
func TestAFullDayFitsTheFourMebibytesThatClientsTake(t *testing.T) {
	c := newClient(t)
	slot := slotOf(t, c, 1_000)
	fill(t, c, slot, 10_000)
	request := &opdv1.GetQueueRequest{DoctorId: slot.DoctorId, Date: date}
	answer, err := c.GetQueue(within(t, 30*time.Second), request)
	must(t, err)
	tokens := len(answer.Queue.Slots[0].Seated) + len(answer.Queue.Slots[0].Waiting)
	if size := proto.Size(answer); tokens != 10_000 || size > 4*mebibyte || size < 3*mebibyte {
		t.Fatalf("%d tokens in %d bytes", tokens, size)
	}
	watch(t, within(t, 30*time.Second), c, slot)

	if _, err := c.AllocateToken(within(t, 10*time.Second), walkIn(slot)); status.Code(err) != codes.FailedPrecondition {
		t.Fatalf("the day was not full: %v", err)
	}
}

// fill asks for tokens with references of 128 bytes, as many at once as a connection takes.
func fill(t *testing.T, c *client, slot *opdv1.Slot, count int) {
	t.Helper()
	ctx := within(t, 2*time.Minute)
	numbers := make(chan int)
	var workers sync.WaitGroup
	for range 100 {
		workers.Go(func() {
			for number := range numbers {
				request := walkIn(slot)
				request.PatientRef = fmt.Sprintf("%0128d", number)
				if _, err := c.AllocateToken(ctx, request); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for number := range count {
		numbers <- number
	}
	close(numbers)
	workers.Wait()
}

func TestAHundredStreamsShareAConnectionAndTheNextWaitsForAFreeOne(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	slot := slotOf(t, c, 1)
	var streams []stream
	first, hangUp := context.WithCancel(within(t, time.Minute))
	for number := range 100 {
		ctx := within(t, time.Minute)
		if number == 0 {
			ctx = first
		}
		streams = append(streams, watch(t, ctx, c, slot))
	}

	// Another connection is not held up.
	_, err := newClient(t).AllocateToken(within(t, 10*time.Second), walkIn(slot))
	must(t, err)
	for _, s := range streams {
		if change := next(t, s); change.Revision != 2 {
			t.Fatal(change)
		}
	}
	_, err = c.GetSlot(within(t, 500*time.Millisecond), &opdv1.GetSlotRequest{SlotId: slot.Id})
	if status.Code(err) != codes.DeadlineExceeded {
		t.Fatalf("a call found a place beside a hundred streams: %v", err)
	}
	hangUp()
	_, err = c.GetSlot(within(t, 10*time.Second), &opdv1.GetSlotRequest{SlotId: slot.Id})
	must(t, err)
	if dials := c.dials.Load(); dials != 1 {
		t.Fatalf("dialled %d times", dials)
	}
}
