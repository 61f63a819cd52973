/** The scenes as a list to drag, by mouse, touch or keyboard. Loaded by SceneList.tsx when the order may change. Tests: tests/components/test_SceneSort.test.tsx */
import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
  type Announcements,
} from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { GripVertical } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/components/ui/classes";

interface SceneSortProps {
  order: number[];
  /** The order may be changed at all. */
  grips: boolean;
  /** A scene is being edited: the order stays. */
  disabled: boolean;
  onOrder: (order: number[], moved: number) => void;
  renderRow: (index: number) => ReactNode;
}

export default function SceneSort({ order, grips, disabled, onOrder, renderRow }: SceneSortProps) {
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      accessibility={{ announcements: spoken(order) }}
      onDragEnd={({ active, over }) => {
        const [from, to] = [order.indexOf(Number(active.id)), order.indexOf(Number(over?.id))];
        if (from >= 0 && to >= 0 && from !== to) onOrder(arrayMove(order, from, to), Number(active.id));
      }}
    >
      <SortableContext items={order} strategy={verticalListSortingStrategy}>
        <ol className="divide-y divide-line">
          {order.map((id, index) => (
            <Sortable key={id} id={id} grip={grips} disabled={disabled}>
              {renderRow(index)}
            </Sortable>
          ))}
        </ol>
      </SortableContext>
    </DndContext>
  );
}

interface SortableProps {
  id: number;
  grip: boolean;
  disabled: boolean;
  children: ReactNode;
}

function Sortable({ id, grip, disabled, children }: SortableProps) {
  const { attributes, listeners, setNodeRef, transform, transition, isDragging } = useSortable({ id, disabled });
  return (
    <li
      ref={setNodeRef}
      style={{ transform: CSS.Translate.toString(transform), transition }}
      className={classes("relative bg-bubble", isDragging && "z-10 shadow-float")}
    >
      {grip && (
        <button
          type="button"
          {...attributes}
          {...listeners}
          disabled={disabled}
          aria-label={`Drag scene ${id}`}
          title={`Drag scene ${id}`}
          className="absolute inset-y-0 left-0 flex w-6 cursor-grab touch-none items-center justify-center text-ink-3 -outline-offset-2 hover:text-ink"
        >
          <GripVertical size={14} aria-hidden />
        </button>
      )}
      {children}
    </li>
  );
}

/** What a screen reader is told while dragging. */
function spoken(order: number[]): Announcements {
  const place = (id: unknown) => order.indexOf(Number(id)) + 1;
  return {
    onDragStart: ({ active }) => `Scene ${active.id} picked up.`,
    onDragOver: ({ active, over }) =>
      over ? `Scene ${active.id} is over place ${place(over.id)} of ${order.length}.` : undefined,
    onDragEnd: ({ active, over }) =>
      over ? `Scene ${active.id} dropped at place ${place(over.id)}.` : `Scene ${active.id} put back.`,
    onDragCancel: ({ active }) => `Scene ${active.id} put back.`,
  };
}
